# shellcheck shell=bash
# The queue alone, with builds that do nothing: how many are claimed by several processes, and what a claim and a list
# take with much that ended before, or with a transaction that somebody left open.

queue_processes=(1 2 4)
past_builds=1000000
# How many claims are made while the transaction is open, and how many of them are looked at, first and last.
open_claims=10000
queue_readings=2000
queue_seconds=8

# The service takes requests only: its own workers would take part.
measure_queue() {
    local mark count
    mark=$(now_ms)
    tick_begin "Claims of builds that do nothing"
    export SLIPWAY_WORKER_SLOTS=0 SLIPWAY_RETENTION_BUILDS_COUNT=100000000
    restart_service
    queue_classes
    for count in "${queue_processes[@]}"; do
        claims_by "$count"
    done
    tick_end
    tick_begin "Claims and lists on an empty table, and with $past_builds finished builds"
    # A list on an empty table has a page to show, too.
    queue_bench empty
    queue_bench past 50
    claims_and_lists empty
    queue_bench past "$past_builds"
    claims_and_lists past
    tick_end
    tick_begin "$open_claims claims while a transaction is left open"
    claims_beside_open
    tick_end
    finished "$mark" "A claim with $past_builds finished builds: $(rounded "$(median claim-past)") ms, with none $(rounded "$(median claim-empty)") ms"
}

# It stands in a package of the service's, whose classes it uses as they are.
queue_classes() {
    mkdir "$data/queue"
    "$JAVA_HOME/bin/javac" -proc:none -nowarn -d "$data/queue" -cp "$app/app/*:$app/lib/boot/*:$app/lib/main/*" \
        "$repo/deploy/lib/bench/QueueBench.java" > "$data/queue.log" 2>&1 ||
        die_with_log "tried to compile deploy/lib/bench/QueueBench.java" "$data/queue.log"
}

# In the background, so that a signal is looked at meanwhile, and bound to us: this function often runs in a subshell.
queue_bench() {
    local pid
    pid=$(find "$data/service" -maxdepth 4 -name postmaster.pid | head -n 1)
    setpriv --pdeathsig TERM -- "$JAVA_HOME/bin/java" -XX:-UsePerfData -Djava.util.logging.manager=org.jboss.logmanager.LogManager \
        -cp "$data/queue:$app/app/*:$app/lib/boot/*:$app/lib/main/*" \
        dev.slipway.build.QueueBench "$(sed -n 4p "$pid")" "$(dirname "$pid")/../password" "$@" \
        <&0 2> "$data/queue.log" &
    await_child $! || die_with_log "tried to work the queue ($*)" "$data/queue.log"
}

# claims_by <processes>: once all of them are warm they begin at one moment, when their stdin ends.
claims_by() {
    local i pids=() go
    queue_bench empty
    queue_bench queue 40000
    rm -f "$data/go" "$data"/claims-*
    mkfifo "$data/go"
    for ((i = 1; i <= $1; i++)); do
        queue_bench rate "$queue_seconds" < "$data/go" > "$data/claims-$i" &
        pids+=($!)
    done
    exec {go}> "$data/go"
    until [ "$(cat "$data"/claims-* | grep -c warm)" = "$1" ]; do
        kill -0 "${pids[@]}" 2> /dev/null || die_with_log "tried to claim by $1 processes" "$data/queue.log"
        sleep 0.2
    done
    exec {go}>&-
    for i in "${pids[@]}"; do
        wait "$i" || die_with_log "tried to claim by $1 processes" "$data/queue.log"
    done
    note "claims-$1" "$(cat "$data"/claims-* | awk -v s="$queue_seconds" '/^[0-9]/ { sum += $1 } END { printf "%.0f", sum / s }')"
}

# claims_and_lists <empty|past>; the first thousand are for warming up.
claims_and_lists() {
    queue_bench queue $((queue_readings + 1000))
    queue_bench claim $((queue_readings + 1000)) > "$data/claims"
    tail -n "$queue_readings" "$data/claims" > "$measured/claim-$1"
    watch get "$url/api/v1/builds" 500 > "$data/gets"
    watch get "$url/api/v1/builds" 500 > "$measured/lists-$1"
}

claims_beside_open() {
    local said
    queue_bench queue $((open_claims + 1000))
    coproc holder { queue_bench hold; }
    read -r said <&"${holder[0]}" && [ "$said" = held ] || die_with_log "tried to leave a transaction open" "$data/queue.log"
    queue_bench claim $((open_claims + 1000)) > "$data/claims"
    echo >&"${holder[1]}"
    tail -n "$open_claims" "$data/claims" > "$data/claims-open"
    head -n "$queue_readings" "$data/claims-open" > "$measured/claim-open-first"
    tail -n "$queue_readings" "$data/claims-open" > "$measured/claim-open-last"
}
