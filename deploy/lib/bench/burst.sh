# shellcheck shell=bash
# Many small builds at once: by the service, and by as many bare processes as it has slots.

burst=64
slots=0

# Every build has another page, so that its last layers are made, and the ones below come from the cache.
measure_burst() {
    local mark round who turn sides=(bare slipway)
    slots=${SLIPWAY_WORKER_SLOTS:-$(nproc)}
    mark=$(now_ms)
    [ -n "${STORAGE_DRIVER:-}" ] || storage_driver
    warm_burst
    for ((round = 1; round <= pairs; round++)); do
        tick_begin "$burst small builds at once, round $round of $pairs"
        make_burst
        for ((turn = 0; turn < 2; turn++)); do
            who=${sides[(round + turn) % 2]}
            "burst_by_$who" "burst-$who" "$round"
        done
        tick_end
    done
    finished "$mark" "$burst builds at once: Slipway $(rounded "$(median burst-slipway)"), bare $(rounded "$(median burst-bare)") a minute"
}

warm_burst() {
    local round=0
    mkdir -p "$data/burst"
    burst=$slots make_burst
    burst=$slots burst_by_bare warm-bare 0
    burst=$slots burst_by_slipway warm-slipway 0
}

make_burst() {
    local i
    for ((i = 1; i <= burst; i++)); do
        printf 'Build %d of round %d\n\nAt %s.\n' "$i" "$round" "$EPOCHREALTIME" > "$data/sample/pages/burst.txt"
        tar -C "$data/sample" -cf "$data/burst/$i.tar" .
    done
    rm "$data/sample/pages/burst.txt"
}

# Each of the processes keeps to a store of its own, since buildah corrupts one that several use at once.
burst_by_bare() {
    local began i slot
    for ((slot = 0; slot < slots; slot++)); do
        mkdir -p "$data/burst/store-$slot/run"
    done
    for ((i = 1; i <= burst; i++)); do
        rm -rf "$data/burst/work-$i"
        mkdir "$data/burst/work-$i"
    done
    began=$EPOCHREALTIME
    seq "$burst" | SLOT='' xargs -P "$slots" --process-slot-var=SLOT -I {} bash -c '"$1" "$2/work-$3" "$2/store-$SLOT" \
        "$2/$3.tar" "$4-$3" "$5" "$6"' - "$repo/deploy/lib/bench/bare" "$data/burst" {} \
        "$registry_host/$namespace/burst-bare:$2" "$registry_user" "$data/registry-password" || {
        for ((i = 1; i <= burst; i++)); do
            [ -s "$data/burst/work-$i/digest" ] || tail -n 10 "$data/burst/work-$i/log" >&2 || true
        done
        die "tried to build $burst times by bare tools, but one of them failed (see above)."
    }
    note "$1" "$(per_minute "$began" "$EPOCHREALTIME")"
    for ((i = 1; i <= burst; i++)); do
        check_pushed "burst-bare:$2-$i" "$(< "$data/burst/work-$i/digest")"
        note_again "$data/burst/work-$i"
    done
}

# One curl posts all of them at once, each waiting for its own end.
burst_by_slipway() {
    local began i
    for ((i = 1; i <= burst; i++)); do
        post_of "burst-slipway:$2-$i" "$data/burst/$i.tar" "$data/burst/answer-$i"
    done > "$data/burst/posts"
    began=$EPOCHREALTIME
    post_all "$data/burst/posts" "$burst"
    note "$1" "$(per_minute "$began" "$EPOCHREALTIME")"
    for ((i = 1; i <= burst; i++)); do
        check_pushed "burst-slipway:$2-$i" "$(jq -r .digest "$data/burst/answer-$i")"
    done
}

per_minute() {
    awk -v n="$burst" -v ms="$(elapsed "$1" "$2")" 'BEGIN { printf "%.1f", n * 60000 / ms }'
}

# One transfer in curl's own configuration language: post_of <image> <archive> <file for the answer>.
post_of() {
    printf 'next\nurl = "%s/api/v1/builds"\nheader = "Prefer: wait=600"\nform = "image=%s"\nform = "file=@%s"\noutput = "%s"\n' \
        "$url" "$1" "$2" "$3"
    printf 'silent\nshow-error\nfail\nmax-time = 600\n'
}

# post_all <file of transfers> <how many at once>
post_all() {
    sed -i '1{/^next$/d}' "$1"
    spawn curl --parallel --parallel-immediate --parallel-max "$2" --config "$1" > "$data/posts.log" 2>&1
    await_child "$child" || die_with_log "tried to post builds" "$data/posts.log"
}
