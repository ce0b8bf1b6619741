# shellcheck shell=bash
# How long the service takes to start on a database that is there, and what memory it and its PostgreSQL use.

measure_start() {
    local mark round
    mark=$(now_ms)
    for ((round = 1; round <= pairs; round++)); do
        tick_begin "Starting on an existing database, round $round of $pairs"
        restart_service
        note start "$started_in"
        tick_end
    done
    finished "$mark" "Started $pairs times: $(spread start)"
}

# Sets `started_in`, from the start of the process to its readiness.
restart_service() {
    local began mark
    stop_child "$service" 40 || die_with_log "tried to stop Slipway" "$data/slipway.log"
    began=$EPOCHREALTIME
    mark=$(now_ms)
    spawn_service
    await_ready "$mark" || die_with_log "tried to start Slipway again" "$data/slipway.log"
    started_in=$(elapsed "$began" "$EPOCHREALTIME")
}

# From a fresh start; a while is left for what a start has to do afterwards, and what builds left to be written.
measure_memory() {
    local mark i at_once=8
    mark=$(now_ms)
    make_context "$data/tiny.tar" << 'END'
FROM scratch
COPY busybox /bin/busybox
END
    tick_begin "Memory when idle"
    restart_service
    sleep 10
    note_memory idle
    tick_end
    for ((i = 1; i <= builds; i++)); do
        post_of "tiny:$i" "$data/tiny.tar" "$data/tiny-answers"
    done > "$data/posts"
    tick_begin "$builds builds from the cache, for the memory after them"
    local began=$EPOCHREALTIME
    post_all "$data/posts" $at_once
    note tiny "$(awk -v n="$builds" -v ms="$(elapsed "$began" "$EPOCHREALTIME")" 'BEGIN { printf "%.0f", n * 60000 / ms }')"
    check_tiny
    sleep 10
    note_memory after
    tick_end
    finished "$mark" "Memory: idle $(cat "$measured/memory-idle-java") + $(cat "$measured/memory-idle-postgres") MB, after $builds builds $(cat "$measured/memory-after-java") + $(cat "$measured/memory-after-postgres") MB"
}

check_tiny() {
    local there
    there=$(registry_get "$namespace/tiny/tags/list" | jq '.tags | length')
    [ "$there" = "$builds" ] || die "$builds images were to be pushed, but the registry has $there."
}

# The proportional share, in which memory that several processes share counts once. Heap is what is in use after a full
# collection, which comes last because it changes the rest.
note_memory() {
    note "memory-$1-java" "$(share_of "$service")"
    # shellcheck disable=SC2046 # process ids are words
    note "memory-$1-postgres" "$(share_of $(postgres_processes))"
    note "memory-$1-heap" "$(live_heap)"
}

# In megabytes, after a full collection.
live_heap() {
    "$JAVA_HOME/bin/jcmd" "$service" GC.run > /dev/null
    "$JAVA_HOME/bin/jcmd" "$service" GC.heap_info |
        grep -oE 'used [0-9]+K' | head -n 1 | tr -dc 0-9 | awk '{ printf "%.0f", $1 / 1024 }'
}

# In megabytes: share_of <pid…>.
share_of() {
    local pid
    for pid in "$@"; do
        cat "/proc/$pid/smaps_rollup" 2> /dev/null || true
    done | awk '$1 == "Pss:" { sum += $2 } END { printf "%.0f", sum / 1024 }'
}

postgres_processes() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd" 2> /dev/null) != "$data/service"* || $(< "$process/comm") != postgres ]] ||
            printf '%s ' "${process#/proc/}"
    done 2> /dev/null
}
