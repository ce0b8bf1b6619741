# shellcheck shell=bash
# What is built: the demo's sample, and variations of it that only differ in a Dockerfile.

# Without the pauses that the sample makes for people to watch: they would take longer than all the rest.
make_samples() {
    mkdir "$data/sample"
    cp -R "$repo/src/demo/." "$data/sample/"
    cp "$(static_busybox)" "$data/sample/busybox"
    sed -i -e '/^ *sleep /d' "$data/sample/render"
    ! grep -q sleep "$data/sample/render" || die "tried to take the pauses out of src/demo/render, but one is left."
    tar -C "$data/sample" -cf "$data/sample.tar" .
}

# Packs a Dockerfile from stdin with busybox into an archive: make_context <archive>.
make_context() {
    local directory
    directory=$(mktemp -d -p "$data")
    cat > "$directory/Dockerfile"
    cp "$data/sample/busybox" "$directory/"
    tar -C "$directory" -cf "$1" .
    rm -r "$directory"
}

# Builds by Slipway and waits for the end: by_slipway <image> <archive> <fields…>. Sets `answer`, the build as JSON,
# and `took`, with curl's own start, as the bare tools' is with theirs.
by_slipway() {
    local image=$1 archive=$2 said status began
    shift 2
    began=$EPOCHREALTIME
    said=$(curl -sS -m 600 -H 'Prefer: wait=600' -F "image=$image" "$@" -F "file=@$archive" \
        -w '\n%{http_code}' "$url/api/v1/builds") || die_with_log "tried to build $image" "$data/slipway.log"
    took=$(elapsed "$began" "$EPOCHREALTIME")
    answer=${said%$'\n'*} status=${said##*$'\n'}
    if [ "$status" != 200 ] || [ "$(jq -r .status <<< "$answer")" != SUCCEEDED ]; then
        say "$answer" >&2
        die_with_log "tried to build $image by Slipway; it answered $status" "$data/slipway.log"
    fi
}

# Queues a build and goes on; sets `build`, its id: queue_build <image> <archive> <fields…>.
queue_build() {
    local image=$1 archive=$2
    shift 2
    build=$(api -f -F "image=$image" "$@" -F "file=@$archive" "$url/api/v1/builds" | jq -r .id) ||
        die_with_log "tried to queue a build of $image" "$data/slipway.log"
}

# Makes sure that the registry has an image as this digest: check_pushed <image> <digest>.
check_pushed() {
    local there
    there=$(registry_get "$namespace/${1%:*}/manifests/${1##*:}" -I | tr -d '\r' |
        awk 'tolower($1) == "docker-content-digest:" { print $2 }') || there="nothing"
    [ "$there" = "$2" ] || die "the registry has $there as $1, but $2 was to be pushed."
}
