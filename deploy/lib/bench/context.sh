# shellcheck shell=bash
# A large context, from the start of its upload to the built image: by Slipway, and by Podman's API service.

measure_context() {
    local mark round turn who what sides=(slipway)
    mark=$(now_ms)
    # The archive, what is kept and unpacked of it, buildah's copies while it builds, and a layer for each round.
    need_room $((size / 2 * (10 + 2 * pairs)))
    [ -n "${STORAGE_DRIVER:-}" ] || storage_driver
    start_peers
    [[ " ${contenders[*]} " != *" podman "* ]] || sides+=(podman)
    for what in one all; do
        make_large "$what"
        # The first round is for warming up, which is done when the second kind comes.
        for ((round = $([ $what = one ] && echo 0 || echo 1); round <= pairs; round++)); do
            tick_begin "A context of $((size / 2)) MiB, COPY of $what, round $round of $pairs"
            for ((turn = 0; turn < ${#sides[@]}; turn++)); do
                who=${sides[(round + turn) % ${#sides[@]}]}
                "context_by_$who"
                [ "$round" = 0 ] || note "context-$what-$who" "$took"
            done
            tick_end
        done
    done
    rm "$data/large.tar"
    finished "$mark" "A context of $((size / 2)) MiB, all of it copied: Slipway $(spread context-all-slipway)"
}

# The image takes one small file of the context, or all of it: make_large <one|all>.
make_large() {
    local i directory
    directory=$(mktemp -d -p "$data")
    head -c 16M /dev/urandom > "$directory/0"
    for ((i = 1; i < size / 32; i++)); do
        ln "$directory/0" "$directory/$i"
    done
    echo hello > "$directory/hello"
    printf 'FROM scratch\nCOPY %s /\n' "$([ "$1" = one ] && echo hello || echo .)" > "$directory/Dockerfile"
    tar -C "$directory" --hard-dereference -cf "$data/large.tar" .
    rm -r "$directory"
}

# To the end of BUILD, as the build itself says: Podman's service, too, has then built and not pushed. What comes after
# it is cancelled.
context_by_slipway() {
    local began=$EPOCHREALTIME image=context-$what:$round
    uploaded -F no_cache=true -F "image=$image" -F "file=@$data/large.tar"
    await_built
    took=$(jq -r --argjson began "${began/,/.}" '
        def ms: (.[0:19] + "Z" | fromdate) * 1000 + ("0" + .[19:-1] | tonumber) * 1000;
        ($began * 1000) as $began |
        (.steps[] | select(.step == "BUILD" and .status == "succeeded") | .finishedAt | ms) - $began' <<< "$answer")
    [ -n "$took" ] || die_with_log "tried to build $image, but its step BUILD was no success" "$data/slipway.log"
    [ "$round" = 0 ] || note_context
    api -f -o /dev/null -X POST "$url/api/v1/builds/$build/cancel" 2> /dev/null || true
    await_build
    api -f -X DELETE "$url/api/v1/builds/$build" || die_with_log "tried to delete build $build" "$data/slipway.log"
}

# Sets `answer`, the build as it was when BUILD had ended.
await_built() {
    local mark
    mark=$(now_ms)
    until answer=$(api -f "$url/api/v1/builds/$build") &&
        jq -e '[.steps[] | select(.step == "BUILD" and .finishedAt != null)] != [] or .finishedAt != null' <<< "$answer" > /dev/null; do
        still_there "$service" "$mark" 600 || die_with_log "tried to see build $build built" "$data/slipway.log"
        sleep 0.1
    done
}

note_context() {
    local step ms
    while read -r step ms; do
        note "context-$what-$step" "$ms"
    done < <(jq -r '
        def ms: (.[0:19] + "Z" | fromdate) * 1000 + ("0" + .[19:-1] | tonumber) * 1000;
        .steps[] | select(.step == "UNPACK" or .step == "BUILD") |
        "\(.step) \((.finishedAt | ms) - (.startedAt | ms))"' <<< "$answer")
    note "context-$what-upload" "$(awk -v all="$took" -v unpack="$(tail -n 1 "$measured/context-$what-UNPACK")" \
        -v build="$(tail -n 1 "$measured/context-$what-BUILD")" 'BEGIN { printf "%.3f", all - unpack - build }')"
}

# One request uploads and builds.
context_by_podman() {
    local began=$EPOCHREALTIME name=localhost/context-$what:$round said socket=$data/podman/podman.sock
    said=$(curl -sS -m 600 --unix-socket "$socket" -X POST -H 'Content-Type: application/x-tar' -T "$data/large.tar" \
        "http://docker/v1.40/build?t=$name&networkmode=host&version=1&nocache=true")
    took=$(elapsed "$began" "$EPOCHREALTIME")
    [[ $said != *'"error"'* && $said == *'Successfully built'* ]] || die "tried to build $name by Podman, but: $said"
    curl -sS -f -m 60 -o /dev/null --unix-socket "$socket" -X DELETE "http://docker/v1.40/images/$name?force=true" ||
        die "tried to delete $name at Podman's, but could not."
}
