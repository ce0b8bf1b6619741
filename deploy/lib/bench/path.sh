# shellcheck shell=bash
# The whole path of one small build, one at a time, by everyone who can.

contenders=(bare slipway)

measure_path() {
    local mark
    storage_driver
    start_peers
    measure_costs
    for mode in cached uncached; do
        mark=$(now_ms)
        tick_begin "A small build, $mode, $pairs times by each of: ${contenders[*]}"
        run_path
        tick_end
        finished "$mark" "A small build, $mode: Slipway $(spread "path-$mode-slipway"), bare $(spread "path-$mode-bare")"
    done
    count_costs
}

# The one that Slipway found to work is used by all; the first build shows which.
storage_driver() {
    by_slipway path-slipway:first "$data/sample.tar"
    STORAGE_DRIVER=vfs
    ! compgen -G "$data/service/slots/*/storage/overlay-images" > /dev/null || STORAGE_DRIVER=overlay
    export STORAGE_DRIVER
}

# Two rounds to get warm, then those that count. Who begins changes from round to round.
run_path() {
    local round who turn
    for ((round = -1; round <= pairs; round++)); do
        for ((turn = 0; turn < ${#contenders[@]}; turn++)); do
            who=${contenders[(round + 1 + turn) % ${#contenders[@]}]}
            image=path-$who:$mode-$round
            "build_by_$who"
            check_pushed "$image" "$digest"
            check_cache "$who" "$round"
            [ "$round" -ge 1 ] || continue
            note "path-$mode-$who" "$took"
            [ "$(type -t "note_steps_of_$who")" != function ] || "note_steps_of_$who"
        done
    done
}

# An image that came from the cache is the very one of the round before; one that did not has times of its own in it.
check_cache() {
    local last=$data/last-digest-$1
    if [ "$2" -ge 1 ]; then
        case $mode in
            cached) [ "$digest" = "$(< "$last")" ] || die "the build by $1 was to come from the cache, but did not." ;;
            uncached) [ "$digest" != "$(< "$last")" ] || die "the build by $1 was not to come from the cache, but did." ;;
        esac
    fi
    printf '%s\n' "$digest" > "$last"
}

build_by_bare() {
    local work=$data/bare-work began options=()
    [ "$mode" = cached ] || options=(--no-cache)
    rm -rf "$work"
    mkdir -p "$work" "$data/bare/run"
    began=$EPOCHREALTIME
    bare "$work" "$data/bare" "$data/sample.tar" "$image" "${options[@]}" || die_with_log "tried to build $image bare" "$work/log"
    took=$(elapsed "$began" "$EPOCHREALTIME")
    digest=$(< "$work/digest")
    note_again "$work"
}

# note_again <work of a bare build>
note_again() {
    [ ! -e "$1/again" ] || note bare-again 1
}

# bare <work> <store> <archive> <image> <bud options…>
bare() {
    "$repo/deploy/lib/bench/bare" "$1" "$2" "$3" "$registry_host/$namespace/$4" "$registry_user" \
        "$data/registry-password" "${@:5}"
}

build_by_slipway() {
    local options=()
    [ "$mode" = cached ] || options=(-F no_cache=true)
    by_slipway "$image" "$data/sample.tar" "${options[@]}"
    digest=$(jq -r .digest <<< "$answer")
}

note_steps_of_bare() {
    local step ms
    while read -r step ms; do
        note "path-$mode-bare-$step" "$ms"
    done < "$data/bare-work/times"
}

# What the build says of itself; what is left of the time was spent before it was queued, or on the way of the answer.
note_steps_of_slipway() {
    local step ms
    while read -r step ms; do
        note "path-$mode-slipway-$step" "$ms"
    done < <(jq -r --argjson took "$took" '
        def ms: (.[0:19] + "Z" | fromdate) * 1000 + ("0" + .[19:-1] | tonumber) * 1000;
        def span(from; to): (to | ms) - (from | ms);
        ([.steps[] | span(.startedAt; .finishedAt)] | add) as $steps |
        (.steps[] | "\(.step) \(span(.startedAt; .finishedAt))"),
        "queued \(span(.createdAt; .startedAt))",
        "between \(span(.startedAt; .finishedAt) - $steps)",
        "edge \($took - span(.createdAt; .finishedAt))"' <<< "$answer")
}

# What single things cost here, by which the rest can be judged.
measure_costs() {
    local began
    for ((i = 0; i < 20; i++)); do
        began=$EPOCHREALTIME
        buildah --version > /dev/null
        note cost-buildah "$(elapsed "$began" "$EPOCHREALTIME")"
        began=$EPOCHREALTIME
        unshare --user --map-root-user --map-auto --mount --pid --ipc --uts --fork --kill-child=KILL -- true
        note cost-sandbox "$(elapsed "$began" "$EPOCHREALTIME")"
        began=$EPOCHREALTIME
        /bin/true
        note cost-process "$(elapsed "$began" "$EPOCHREALTIME")"
    done
    ask_database time 200 > "$measured/cost-statement"
}

# What a cached build takes of the processors and of the database, which other load on the machine hardly changes. The
# background's share is small, and for the transactions taken off.
count_costs() {
    local before idle began runs=10 mode=cached own children server
    before=$(ask_database commits)
    sleep 5
    idle=$(($(ask_database commits) - before))

    children=$(cpu_of children $$)
    image=path-bare:counted
    for ((i = 0; i < runs; i++)); do
        build_by_bare
    done
    note cpu-bare $((($(cpu_of children $$) - children) / runs))

    before=$(ask_database commits) began=$(now_ms)
    own=$(cpu_of own "$service") children=$(cpu_of children "$service")
    # shellcheck disable=SC2046 # process ids are words
    server=$(cpu_of both $(postgres_processes))
    image=path-slipway:counted
    for ((i = 0; i < runs; i++)); do
        build_by_slipway
    done
    # A session tells what it did once a second at most.
    sleep 2
    note cpu-java $((($(cpu_of own "$service") - own) / runs))
    note cpu-children $((($(cpu_of children "$service") - children) / runs))
    # shellcheck disable=SC2046
    note cpu-database $((($(cpu_of both $(postgres_processes)) - server) / runs))
    note commits $((($(ask_database commits) - before - idle * ($(now_ms) - began) / 5000) / runs))
}

# Milliseconds of processor time that processes have used, or the children that they waited for:
# cpu_of <own|children|both> <pid…>.
cpu_of() {
    local what=$1 pid
    shift
    for pid in "$@"; do
        cat "/proc/$pid/stat" 2> /dev/null || true
    done | awk -v what="$what" -v hertz="$(getconf CLK_TCK)" '
        { sub(/^.*\) /, "") }
        what != "children" { ticks += $12 + $13 }
        what != "own" { ticks += $14 + $15 }
        END { printf "%.0f", ticks * 1000 / hertz }'
}

# Runs a question of deploy/lib/bench/Database.java on the embedded database: ask_database <question…>.
ask_database() {
    local pid=$data/service/database/data/postmaster.pid
    [ -e "$pid" ] || pid=$(find "$data/service" -maxdepth 4 -name postmaster.pid | head -n 1)
    "$JAVA_HOME/bin/java" -XX:-UsePerfData -XX:TieredStopAtLevel=1 -cp "$(echo "$app"/lib/main/org.postgresql.postgresql-*.jar)" \
        "$repo/deploy/lib/bench/Database.java" "$(sed -n 4p "$pid")" "$(dirname "$pid")/../password" "$@"
}
