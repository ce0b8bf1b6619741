# shellcheck shell=bash
# A line's way from a RUN step to who follows the log, and how the API answers while a build prints without end.

lines=100
follower_counts=(1 100)

# The step waits before its first line, until everyone follows; date knows whole seconds only, hence ts.
measure_lines() {
    local round count mark
    mark=$(now_ms)
    make_context "$data/lines.tar" << END
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN sleep 2; for i in \$(seq $lines); do echo "line \$i" | ts %.s; usleep 50000; done
END
    for ((round = 0; round <= pairs; round++)); do
        tick_begin "$lines lines to ${follower_counts[*]} followers, round $round of $pairs"
        for count in "${follower_counts[@]}"; do
            queue_build "lines:$round-$count" "$data/lines.tar" -F no_cache=true
            watch follow "$url" "$build" "$count" "$lines" > "$data/lines"
            # The first round is for warming up.
            [ "$round" = 0 ] || cat "$data/lines" >> "$measured/lines-$count"
            await_build
        done
        tick_end
    done
    finished "$mark" "Lines to 1 follower: p50 $(rounded "$(percentile lines-1 50)") ms, p99 $(rounded "$(percentile lines-1 99)") ms"
}

# Asks as often in peace as in the flood. What is printed are random letters, of which the database can save no space:
# lines of 77 bytes, over and over.
measure_flood() {
    local round mark before printed at first began
    mark=$(now_ms)
    make_context "$data/flood.tar" << 'END'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN head -c 6000000 /dev/urandom | base64 > /flood
RUN f=/flood; while cat $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f $f; do :; done
END
    before=$(ask_database log)
    for ((round = 0; round <= pairs; round++)); do
        tick_begin "GET in peace and in a flood, round $round of $pairs"
        queue_build "flood:$round" "$data/flood.tar" -F no_cache=true
        count_lines flooded
        first=$printed began=$at
        ask_api flood
        sleep_until $((began + 3000))
        count_lines printed
        api -f -o /dev/null -X POST "$url/api/v1/builds/$build/cancel"
        await_build
        note flood-rate $(((printed - first) * 77 / (at - began) / 1000))
        ask_api peace
        tick_end
    done
    note flood-stored $((($(ask_database log) - before) / (pairs + 1)))
    finished "$mark" "GET in a flood: p99 $(rounded "$(percentile get-flood 99)") ms; in peace $(rounded "$(percentile get-peace 99)") ms"
}

sleep_until() {
    while [ "$(now_ms)" -lt "$1" ]; do
        sleep 0.05
    done
}

# Sets `printed`, how many lines the build has printed, and `at`, when that was. `flooded` waits for the log to leave
# lines out, from where on it goes on like that for ever. The database is asked: the service would answer the log itself.
count_lines() {
    local said
    said=$(ask_database "$1" "$build") || die_with_log "tried to see build $build print" "$data/slipway.log"
    read -r printed at <<< "$said"
}

ask_api() {
    watch get "$url/api/v1/builds/$build" 100 > "$data/gets"
    [ "$round" = 0 ] || cat "$data/gets" >> "$measured/get-$1"
    watch get "$url/api/v1/builds" 100 > "$data/gets"
    [ "$round" = 0 ] || cat "$data/gets" >> "$measured/list-$1"
}

await_build() {
    api -f -o /dev/null -m 100 -H 'Prefer: wait=90' "$url/api/v1/builds/$build" ||
        die_with_log "tried to see the end of build $build" "$data/slipway.log"
}

watch() {
    python3 "$repo/deploy/lib/bench/watch.py" "$@" ||
        die_with_log "tried to watch build $build" "$data/slipway.log"
}
