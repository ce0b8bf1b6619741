# shellcheck shell=bash
# The result, in Markdown, as it stands in README.md.

print_table() {
    local note
    cat << END
$(date -u +%Y-%m-%d), \`deploy/bench$(printf ' %s' "$@")\` on $(machine). What is compared ran in turns, $pairs times; these are medians, with the quartiles.

| what | Slipway | beside it | ratio | aim |
|---|---|---|---|---|
END
    path_rows cached "small build, all from the cache" "bare=≤ 1.3"
    path_rows uncached 'small build, `no_cache`' "bare=≤ 1.15" "podman=≤ 1"
    ! noted burst-slipway || row "$burst small builds at once, $slots slots" "$(whole burst-slipway) a minute" \
        "\`xargs -P $slots\`: $(whole burst-bare) a minute" "$(ratio burst-slipway burst-bare)"
    line_rows
    flood_rows
    upload_rows
    context_rows one "COPY of one small file"
    context_rows all "COPY of all of it"
    ! noted start || row "start to ready, existing database" "$(spread start)"
    memory_rows
    queue_rows
    where_it_goes
    ! noted bare-again || printf '\n%s\n' "Bare builds that were run a second time, since buildah said \`signal: killed\`: $(count_of bare-again)."
    for note in "${peer_notes[@]}"; do
        printf '\n%s\n' "$note"
    done
}

row() {
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "${3:-}" "${4:-}" "${5:-}"
}

whole() {
    printf '%.0f' "$(median "$1")"
}

machine() {
    local kernel buildah
    kernel=$(uname -r)
    buildah=$(buildah --version | awk '{ print $3 }')
    printf '%s, %d cores, %d GiB, Linux %s, %s, buildah %s%s, load before %s' \
        "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | sort -u | head -n 1)" "$(nproc)" \
        "$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)" "$kernel" \
        "$(. /etc/os-release && echo "$PRETTY_NAME")" "$buildah" "${STORAGE_DRIVER:+ on $STORAGE_DRIVER}" "$load"
}

# path_rows <mode> <what> <contender=aim…>
path_rows() {
    local what=$2 mode=$1 who aim slipway
    slipway=path-$1-slipway
    noted "$slipway" || return 0
    slipway=$(spread "$slipway")
    shift 2
    for who in bare podman docker; do
        noted "path-$mode-$who" || continue
        aim=$(printf '%s\n' "$@" | sed -n "s/^$who=//p")
        row "$what" "$slipway" "$(name_of $who): $(spread "path-$mode-$who")" \
            "$(ratio "path-$mode-slipway" "path-$mode-$who")" "$aim"
        what='' slipway=''
    done
}

name_of() {
    case $1 in
        bare) echo "bare tools" ;;
        podman) echo "Podman's API" ;;
        docker) echo "dockerd, classic" ;;
    esac
}

line_rows() {
    local count
    for count in "${follower_counts[@]}"; do
        ! noted "lines-$count" || row "a line's way to $count follower$([ "$count" = 1 ] || echo s) ($(count_of "lines-$count") readings)" \
            "p50 $(rounded "$(percentile "lines-$count" 50)") ms, p99 $(rounded "$(percentile "lines-$count" 99)") ms"
    done
}

flood_rows() {
    noted get-flood || return 0
    row "GET of a build while it prints all it can ($(count_of get-flood) readings)" \
        "p99 $(rounded "$(percentile get-flood 99)") ms" "in peace: p99 $(rounded "$(percentile get-peace 99)") ms" "" "p99 < 100 ms"
    row "GET of the list meanwhile" \
        "p99 $(rounded "$(percentile list-flood 99)") ms" "in peace: p99 $(rounded "$(percentile list-peace 99)") ms"
    row "what a flood takes in the database" \
        "$(awk -v b="$(median flood-stored)" 'BEGIN { printf "%.1f", b / 1e6 }') MB" "printed: $(whole flood-rate) MB/s"
}

upload_rows() {
    noted upload-form || return 0
    local packed copy
    copy="\`cp\` and \`sync\`: $(speed copy-sync)"
    row "upload of a plain tar of $size MiB, as a form" "$(speed form)" "FileUpload: $(speed framework)" \
        "$(ratio upload-framework upload-form) times as fast" "≥ 4"
    row "" "" "$copy" "$(ratio upload-copy-sync upload-form) times as fast" "≥ 0.5"
    row "the same as the body" "$(speed body)" "FileUpload: $(speed framework)" \
        "$(ratio upload-framework upload-body) times as fast" "≥ 4"
    row "" "" "$copy" "$(ratio upload-copy-sync upload-body) times as fast" "≥ 0.5"
    row "" "" "\`cp\` alone, which waits for no disk: $(speed copy)" "$(ratio upload-copy upload-body) times as fast"
    row "upload of $small_files small files, plain" "$(spread upload-small), $(entries_a_second small) entries a second"
    for packed in gzip zstd; do
        row "the same, $packed" "$(spread "upload-$packed"), $(entries_a_second $packed) entries a second" \
            "\`$packed -dc\` alone: $(spread "upload-$packed-alone")" "$(ratio "upload-$packed-alone" "upload-$packed") of the time"
    done
    row "most memory while $((size * 5)) MiB are uploaded, \`-Xmx256m\`" "$(upload_memory_of 5)" \
        "while $size MiB are: $(upload_memory_of 1)" "" "flat"
}

# Megabytes a second, the quartiles around them: speed <name>.
speed() {
    local bytes=$((size * 1048576))
    awk -v b=$bytes -v m="$(median "upload-$1")" -v l="$(percentile "upload-$1" 75)" -v h="$(percentile "upload-$1" 25)" \
        'BEGIN { printf "%.0f MB/s (%.0f to %.0f)", b / m / 1000, b / l / 1000, b / h / 1000 }'
}

entries_a_second() {
    awk -v n="$small_files" -v ms="$(median "upload-$1")" 'BEGIN { printf "%.0f", n * 1000 / ms }'
}

upload_memory_of() {
    local heap="none was seen"
    ! noted "upload-heap-$1" || heap="$(percentile "upload-heap-$1" 100) MB"
    printf 'resident %s MB, live heap %s' "$(whole "upload-rss-$1")" "$heap"
}

# context_rows <one|all> <what>
context_rows() {
    noted "context-$1-slipway" || return 0
    local beside='' ratio=''
    ! noted "context-$1-podman" || {
        beside="Podman's API: $(spread "context-$1-podman")"
        ratio=$(ratio "context-$1-slipway" "context-$1-podman")
    }
    row "context of $((size / 2)) MiB, $2, upload to built image" \
        "$(spread "context-$1-slipway"): upload $(whole "context-$1-upload"), UNPACK $(whole "context-$1-UNPACK"), BUILD $(whole "context-$1-BUILD")" \
        "$beside" "$ratio" "< 1"
}

memory_rows() {
    noted memory-idle-java || return 0
    memory_row "memory when idle" idle
    memory_row "memory after $builds builds (at $(whole tiny) a minute)" after
}

memory_row() {
    row "$1" "Java $(whole "memory-$2-java") MB, of it live heap $(whole "memory-$2-heap") MB; PostgreSQL $(whole "memory-$2-postgres") MB"
}

queue_rows() {
    local count rates=()
    noted claim-past || return 0
    for count in "${queue_processes[@]}"; do
        rates+=("$(whole "claims-$count")")
    done
    row "claims and ends of builds that do nothing, by $(listed "${queue_processes[@]}") processes" "$(listed "${rates[@]}") a second"
    queue_row "a claim with $past_builds finished builds" claim-past "on an empty table" claim-empty
    queue_row "a list of 50 with $past_builds finished builds" lists-past "on a table of 50" lists-empty
    queue_row "a claim, $open_claims claims after a transaction was left open" claim-open-last "at first" claim-open-first
}

# Words with commas between them.
listed() {
    printf '%s' "$1"
    shift
    [ $# = 0 ] || printf ', %s' "$@"
}

queue_row() {
    row "$1" "$(percentiles "$2")" "$3: $(percentiles "$4")" "$(ratio "$2" "$4")" "≤ 1.5"
}

percentiles() {
    printf 'p50 %s ms, p99 %s ms' "$(rounded "$(percentile "$1" 50)")" "$(rounded "$(percentile "$1" 99)")"
}

where_it_goes() {
    local step
    noted path-cached-slipway || return 0
    cat << 'END'

Where the time of the small build goes, medians in ms (a step of Slipway's is with its sandbox and its statements):

| | bare, cached | Slipway, cached | bare, `no_cache` | Slipway, `no_cache` |
|---|---|---|---|---|
END
    where edge "curl, upload, judging and storing it; the answer's way"
    where queued "waiting for a worker"
    for step in UNPACK BUILD TAG LOGIN PUSH; do
        where $step $step
    done
    where between "between the steps: the sandbox of TAG to PUSH, turns, the log's end"
    cat << END

For scale, here and now: a process takes $(rounded "$(median cost-process)") ms, \`buildah --version\` $(rounded "$(median cost-buildah)") ms, empty namespaces like those of a sandbox $(rounded "$(median cost-sandbox)") ms, the smallest commit to the database $(rounded "$(median cost-statement)") ms. A cached build has two sandboxes and $(whole commits) transactions, its log among them.
Processor time of a cached build: bare $(whole cpu-bare) ms; Slipway $(($(whole cpu-children) + $(whole cpu-java) + $(whole cpu-database))) ms, of it buildah, sandboxes and other processes $(whole cpu-children), Java $(whole cpu-java), PostgreSQL $(whole cpu-database).
END
}

where() {
    local who mode cells=()
    for mode in cached uncached; do
        for who in bare slipway; do
            if noted "path-$mode-$who-$1"; then
                cells+=("$(rounded "$(median "path-$mode-$who-$1")")")
            else
                cells+=("–")
            fi
        done
    done
    row "$2" "${cells[@]}"
}
