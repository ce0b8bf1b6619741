# shellcheck shell=bash
# What an upload takes: of one large archive, beside the framework's own way and beside cp, and of many small files.

size=2048
small_files=100000
fileupload='' fileupload_port=''

# No worker: it is uploads that are measured, and each is deleted again.
measure_upload() {
    local mark round
    mark=$(now_ms)
    need_room $((size * 6))
    build_fileupload
    make_uploads
    restart_for_uploads
    start_fileupload
    for ((round = 0; round <= pairs; round++)); do
        tick_begin "$size MiB by Slipway, by FileUpload and by cp, round $round of $pairs"
        take_turns "$round" form body framework copy
        tick_end
        tick_begin "$small_files small files, round $round of $pairs"
        take_turns "$round" small gzip zstd
        tick_end
    done
    stop_child "$fileupload" 10 || true
    upload_memory
    rm -r "$data/upload"
    restart_with_workers
    finished "$mark" "$size MiB: Slipway $(spread upload-form), FileUpload $(spread upload-framework), cp and sync $(spread upload-copy-sync)"
}

# Both what is uploaded and what is kept of it are on the disk at a time: need_room <MiB>.
need_room() {
    local free
    free=$(df --output=avail -m "$data" | tail -n 1)
    [ "$free" -ge "$1" ] || die "this part needs $1 MiB on the disk of $data, but there are $free MiB."
}

build_fileupload() {
    local from=$repo/deploy/lib/bench/fileupload to=$data/fileupload
    cp -R "$from" "$to"
    quietly "Building an application that takes uploads by FileUpload" "$cache/fileupload.log" \
        mvn -B -ntp -f "$to/pom.xml" "-Dquarkus.version=$(version_of quarkus)" "-Dnetty.version=$(version_of netty)" \
        "-Dcompiler-plugin.version=$(version_of compiler-plugin)" -Dquarkus.analytics.disabled=true package
}

version_of() {
    sed -n "s|.*<$1.version>\(.*\)</$1.version>.*|\1|p" "$repo/pom.xml"
}

# Random bytes, so that nobody can save any; the small files are text, so that there is something to pack.
make_uploads() {
    local tree=$data/upload/tree
    tick_begin "Making what is uploaded"
    mkdir -p "$tree"
    printf 'FROM scratch\nCOPY Dockerfile /\n' > "$tree/Dockerfile"
    head -c 16M /dev/urandom > "$data/upload/block"
    link_blocks $((size / 16))
    tar -C "$tree" --hard-dereference -cf "$data/upload/form.tar" .
    python3 "$repo/deploy/lib/bench/small.py" "$small_files" > "$data/upload/small.tar"
    gzip -kc "$data/upload/small.tar" > "$data/upload/gzip.tar"
    zstd -qc "$data/upload/small.tar" > "$data/upload/zstd.tar"
    sync "$data"/upload/*.tar
    tick_end
}

# link_blocks <how many>: the tree's files, of which tar makes as many copies.
link_blocks() {
    local i
    for ((i = 0; i < $1; i++)); do
        ln -f "$data/upload/block" "$tree/$i"
    done
}

# A small heap shows what uploads keep in memory.
restart_for_uploads() {
    slots_before=${SLIPWAY_WORKER_SLOTS:-} java_before=("${java[@]}")
    java=("${java[0]}" -Xmx256m "${java[@]:1}")
    export SLIPWAY_WORKER_SLOTS=0 SLIPWAY_HTTP_MAX_BODY=20G SLIPWAY_SOURCE_MAX_STORED=20G
    restart_service
}

restart_with_workers() {
    java=("${java_before[@]}")
    unset SLIPWAY_WORKER_SLOTS SLIPWAY_HTTP_MAX_BODY SLIPWAY_SOURCE_MAX_STORED
    [ -z "$slots_before" ] || export SLIPWAY_WORKER_SLOTS=$slots_before
    restart_service
}

# Its files go where ours go, and it answers curl's question whether to send, like ours.
start_fileupload() {
    local mark
    mark=$(now_ms)
    fileupload_port=$(free_port 18180)
    mkdir -p "$data/fileupload/spool"
    spawn "$JAVA_HOME/bin/java" -Xmx256m -XX:-UsePerfData -Dquarkus.http.host=127.0.0.1 \
        "-Dquarkus.http.port=$fileupload_port" -Dquarkus.http.limits.max-body-size=20G \
        -Dquarkus.http.handle-100-continue-automatically=true "-Dquarkus.http.body.uploads-directory=$data/fileupload/spool" \
        "-Dkept=$data/fileupload/kept" -jar "$data/fileupload/target/quarkus-app/quarkus-run.jar" > "$data/fileupload/log" 2>&1
    fileupload=$child
    until port_taken "$fileupload_port"; do
        still_there "$fileupload" "$mark" 60 || die_with_log "tried to start FileUpload's application" "$data/fileupload/log"
        sleep 0.1
    done
}

# Round 0 is for warming up. Who begins changes from round to round: take_turns <round> <who…>.
take_turns() {
    local round=$1 turn sides
    shift
    sides=("$@")
    for ((turn = 0; turn < $#; turn++)); do
        "upload_by_${sides[(round + turn) % $#]}"
    done
}

note_upload() {
    [ "$round" = 0 ] || note "upload-$1" "$2"
}

upload_by_form() {
    by_form form
}

upload_by_small() {
    by_form small
}

upload_by_gzip() {
    by_form gzip
    decompress gzip gzip
}

upload_by_zstd() {
    by_form zstd
    decompress zstd zstd
}

# What the packer's own tool takes for the same archive, and nothing else: decompress <name> <tool>.
decompress() {
    local began=$EPOCHREALTIME
    "$2" -qdc "$data/upload/$1.tar" > /dev/null
    note_upload "$1-alone" "$(elapsed "$began" "$EPOCHREALTIME")"
}

by_form() {
    local began=$EPOCHREALTIME
    uploaded -F image=upload:1 -F "file=@$data/upload/$1.tar"
    note_upload "$1" "$(elapsed "$began" "$EPOCHREALTIME")"
    forget_upload
}

upload_by_body() {
    local began=$EPOCHREALTIME
    uploaded -X POST -T "$data/upload/form.tar" "?image=upload:1"
    note_upload body "$(elapsed "$began" "$EPOCHREALTIME")"
    forget_upload
}

# Sets `build`: uploaded <curl arguments…>, of which one that begins with ? belongs to the address.
uploaded() {
    local address=$url/api/v1/builds
    [[ ${*: -1} != \?* ]] || { address+=${*: -1}; set -- "${@:1:$#-1}"; }
    build=$(curl -sS -f -m 900 "$@" "$address" | jq -r .id) || die_with_log "tried to upload an archive" "$data/slipway.log"
}

forget_upload() {
    api -f -X DELETE "$url/api/v1/builds/$build" || die_with_log "tried to delete build $build" "$data/slipway.log"
}

upload_by_framework() {
    local began=$EPOCHREALTIME said
    said=$(curl -sS -f -m 900 -F "file=@$data/upload/form.tar" "http://127.0.0.1:$fileupload_port/upload") ||
        die_with_log "tried to upload an archive by FileUpload" "$data/fileupload/log"
    note_upload framework "$(elapsed "$began" "$EPOCHREALTIME")"
    [ "$said" = "$(stat -c %s "$data/upload/form.tar")" ] || die "FileUpload kept $said bytes of another number."
    rm "$data/fileupload/kept"
}

# What Slipway has answered for is on the disk, so its equal is cp with a sync.
upload_by_copy() {
    local began=$EPOCHREALTIME
    cp "$data/upload/form.tar" "$data/upload/copy"
    note_upload copy "$(elapsed "$began" "$EPOCHREALTIME")"
    sync "$data/upload/copy"
    note_upload copy-sync "$(elapsed "$began" "$EPOCHREALTIME")"
    rm "$data/upload/copy"
}

# The same upload five times as large must not take more memory. The tar is made on its way, so that the disk does
# not hold it twice.
upload_memory() {
    local times watcher tree=$data/upload/tree
    for times in 1 5; do
        tick_begin "Memory while $((size * times)) MiB are uploaded"
        link_blocks $((size / 16 * times))
        echo 5 > "/proc/$service/clear_refs"
        watch_heap "upload-heap-$times" &
        watcher=$!
        uploaded -X POST -T <(exec tar -C "$tree" --hard-dereference -cf - .) "?image=upload:1"
        kill "$watcher" 2> /dev/null || true
        wait "$watcher" 2> /dev/null || true
        forget_upload
        note "upload-rss-$times" "$(awk '$1 == "VmHWM:" { printf "%.0f", $2 / 1024 }' "/proc/$service/status")"
        tick_end
    done
}

# What a full collection leaves, every other second: watch_heap <name>. Ended by who started it.
watch_heap() {
    trap - EXIT INT TERM HUP
    while sleep 2; do
        note "$1" "$(live_heap)"
    done
}
