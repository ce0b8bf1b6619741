# The supervisor of one sandbox, outside its namespaces. Run by bash:
#   supervisor.sh SILENCE_SECONDS OPENING_SECONDS SANDBOX_SCRIPT ROOT FSTAB FILES HIGHEST_PID NETWORK GROUP PASTA_OPTION...
# NETWORK is host, internet or none; for internet the rules of routing are in rules-4 and rules-6 beside ROOT. GROUP is the
# sandbox's control group, or empty; the supervisor itself stays out of what may be killed there. Its stdin is the dead-man's
# switch: a line is a heartbeat; end-of-file or silence ends every process in the sandbox. It prints "ready PID" (the
# sandbox's first process, as seen from here) or what went wrong, and exits when all is gone.
set -u
silence=$1 opening=$2 sandbox=$3 root=$4 fstab=$5 files=$6 highest_pid=$7 network=$8 group=$9
shift 9
own_network=(--net)
[[ $network != host ]] || own_network=()

# setpriv: should this shell be killed, the kernel kills unshare, and --kill-child then the whole process namespace.
exec 3<&0 </dev/null
exec 4< <(exec 3<&- setpriv --pdeathsig KILL unshare --user --map-root-user --map-auto --mount --pid --ipc --uts \
    "${own_network[@]}" --fork --kill-child=KILL -- \
    /bin/sh -c "$sandbox" sandbox "$root" "$fstab" "$files" "$highest_pid" "$network" "$group" 2>&1)
unshare=$!

# The file has no newline, which read takes for a failure.
first_process() {
    init=''
    read -r init </proc/"$unshare"/task/"$unshare"/children
    [[ -n $init ]]
} 2>/dev/null

# Connects the sandbox's network to the outside by pasta, which says its process id once that is done; nothing on the
# host's side is mapped into it. pasta is outside of the sandbox's process namespace and would outlive it and us.
# setpriv comes after nsenter, because changing the user namespace forgets what setpriv sets; and the network is opened
# here, as what setpriv starts may not. What it uses is the sandbox's.
pasta=''
connect() {
    first_process || return
    exec 5< <([[ -z $group ]] || echo 0 >"$group/cgroup.procs" || exit
        exec 3<&- 4<&- nsenter --user --preserve-credentials --target "$init" -- setpriv --pdeathsig KILL \
        pasta --foreground --quiet --netns-only --netns /proc/self/fd/0 --no-netns-quit --pid /proc/self/fd/1 \
        --config-net --no-map-gw -t none -u none -T none -U none "$@" 2>&1 </proc/"$init"/ns/net)
    pasta=$!
}

# Whether a process is our child still: a number may belong to somebody else later. No newline here either.
is_ours() {
    local children=''
    read -r children </proc/$$/task/$$/children
    [[ -n $1 && " $children " == *" $1 "* ]]
}

kill_ours() {
    ! is_ours "$1" || kill -KILL "$1"
} 2>/dev/null

# pasta refuses a host that has no way out. Its sandboxes reach as little as it does, and are of use nevertheless.
is_isolated() {
    [[ -z $(ip -4 route show default; ip -6 route show default) ]] || return
    kill_ours "$pasta"
    pasta=''
}

is_connected() {
    local line
    [[ -n $pasta ]] || return
    while read -r -t "$opening" line <&5; do
        [[ ! $line =~ ^[0-9]+$ ]] || return 0
        said+="pasta: $line; "
    done
    is_isolated
}

# Says whom the sandbox may send to. Only once pasta is done: the kernel refuses a route through a gateway that the rules
# forbid, as most are private, and pasta does not mind. Nobody who is not trusted is inside yet.
restrict() {
    local family failure
    for family in 4 6; do
        [[ $family == 4 || -d /proc/sys/net/ipv6 ]] || continue
        if ! failure=$(exec 3<&- 4<&- 5<&- nsenter --target "$init" --user --net \
            ip "-$family" -batch "${root%/*}/rules-$family" 2>&1); then
            said+="the rules of its network could not be set: ${failure//$'\n'/; }; "
            return 1
        fi
    done
}

said=''
while read -r -t "$opening" line <&4; do
    [[ $line == ready ]] && break
    if [[ $line == network ]]; then
        connect "$@"
    else
        said+="$line; "
    fi
    line=''
done
if ! { [[ ${line:-} == ready ]] && { [[ $network != internet ]] || { is_connected && restrict; }; } && first_process; }; then
    echo "${said:-it ended at once or was not ready within $opening s}"
    kill_ours "$unshare"
    kill_ours "$pasta"
    exit 1
fi
mine=$init
echo "ready $mine"

# A sandbox that lost its connection is of no use to anybody.
is_whole() {
    first_process && [[ $init == "$mine" ]] && { [[ -z $pasta ]] || is_ours "$pasta"; }
}

while read -r -t "$silence" _ <&3 && is_whole; do :; done

# Only while it still is unshare's child. The kernel lets the first process
# of a namespace go only when all others are gone, so waiting for unshare is waiting for all of them.
if first_process && [[ $init == "$mine" ]]; then
    kill -KILL "$mine" 2>/dev/null
fi
kill_ours "$pasta"
wait "$unshare" 2>/dev/null
[[ -z $pasta ]] || wait "$pasta" 2>/dev/null
exit 0
