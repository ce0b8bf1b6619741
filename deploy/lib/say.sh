# shellcheck shell=bash
# Messages, timing, and child processes that end with us.

now_ms() {
    local micros=${EPOCHREALTIME//[.,]/}
    printf '%s' $((micros / 1000))
}

say() {
    printf '%s\n' "$@"
}

# Ends the script: what was tried and why it failed, then what to do about it.
die() {
    printf 'deploy: %s\n' "$1" >&2
    shift
    [ $# = 0 ] || printf '        %s\n' "$@" >&2
    exit 1
}

# Time since a mark, for people: since "$mark" prints "0.4 s" or "2 min 5 s".
since() {
    local ms=$(($(now_ms) - $1))
    if [ $ms -lt 60000 ]; then
        printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
    else
        printf '%d min %d s' $((ms / 60000)) $((ms % 60000 / 1000))
    fi
}

# One line per finished step: finished <mark> <what was done>.
finished() {
    local mark=$1
    shift
    printf '%-64s %s\n' "$*" "$(since "$mark")"
}

ticker=
tick_mark=0

# Says that a longer step began, and shows its time as it passes, until tick_end.
tick_begin() {
    tick_mark=$(now_ms)
    if [ ! -t 1 ]; then
        say "$1 …"
        return
    fi
    local parent=$$
    (
        trap - EXIT INT TERM HUP
        # Read from a pipe that nobody writes, since a `sleep` would outlive this loop.
        exec {nap}<> <(:)
        while [ -d "/proc/$parent" ]; do
            printf '\r\033[K%s … %s' "$1" "$(since "$tick_mark")"
            read -rt 1 -u "$nap" || true
        done
    ) &
    ticker=$!
}

tick_end() {
    [ -n "$ticker" ] || return 0
    kill "$ticker" 2> /dev/null || true
    wait "$ticker" 2> /dev/null || true
    ticker=
    printf '\r\033[K'
}

# Starts a child that the kernel ends should this script be killed outright; its id is in `child`.
# Children of a script ignore Ctrl-C, so this script decides the order in which they end.
child=
spawn() {
    setpriv --pdeathsig TERM -- "$@" < /dev/null &
    child=$!
}

# Waits for a child and ends as it did. Not by `wait` alone: a signal that comes just before it is not looked at
# until the child has ended.
await_child() {
    while kill -0 "$1" 2> /dev/null; do
        sleep 0.1
    done
    wait "$1"
}

# Ends every child that still runs.
stop_children() {
    local pid
    for pid in $(jobs -pr); do
        stop_child "$pid" 10 || true
    done
}

# Ends a child and says whether it went by itself within the seconds given: stop_child <pid> <seconds>.
stop_child() {
    local pid=$1 deadline=$(($(now_ms) + $2 * 1000))
    kill -TERM "$pid" 2> /dev/null || { wait "$pid" 2> /dev/null || true; return 0; }
    while kill -0 "$pid" 2> /dev/null; do
        if [ "$(now_ms)" -gt $deadline ]; then
            kill -KILL "$pid" 2> /dev/null || true
            wait "$pid" 2> /dev/null || true
            return 1
        fi
        sleep 0.05
    done
    wait "$pid" 2> /dev/null || true
}

# Runs a command with its output in a log, which is shown only where it fails: quietly <text> <log> <command…>.
quietly() {
    local text=$1 log=$2 status=0
    shift 2
    tick_begin "$text"
    # In the background, since a signal is not looked at while a foreground command runs.
    spawn "$@" > "$log" 2>&1
    await_child "$child" || status=$?
    tick_end
    if [ $status != 0 ]; then
        tail -n 40 "$log" >&2
        die "tried: $text, but it ended with $status; the whole log is $log"
    fi
    finished "$tick_mark" "$text"
}

# Whether something listens on a port of this machine.
port_taken() {
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}

# Prints the first free port from the one given.
free_port() {
    local port
    for ((port = $1; port < $1 + 200; port++)); do
        port_taken "$port" || { printf '%s' "$port"; return; }
    done
    die "tried the ports from $1 to $port, but all are taken."
}

check_port() {
    [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]] ||
        die "--port: '$1' is not a port; it takes a number from 1 to 65535."
}
