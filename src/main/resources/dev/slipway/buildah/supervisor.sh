# The supervisor of one sandbox, outside its namespaces. Run by bash:
#   supervisor.sh SILENCE_SECONDS SANDBOX_SCRIPT ROOT FSTAB FILES HIGHEST_PID UNSHARE_OPTION...
# Its stdin is the dead-man's switch: a line is a heartbeat; end-of-file or silence ends every process in the sandbox.
# It prints "ready PID" (the sandbox's first process, as seen from here) or what went wrong, and exits when all is gone.
set -u
silence=$1 sandbox=$2 root=$3 fstab=$4 files=$5 highest_pid=$6
shift 6

# setpriv: should this shell be killed, the kernel kills unshare, and --kill-child then the whole process namespace.
exec 3<&0 </dev/null
exec 4< <(exec 3<&- setpriv --pdeathsig KILL unshare --user --map-root-user --map-auto --mount --pid --ipc --uts \
    --fork --kill-child=KILL "$@" -- /bin/sh -c "$sandbox" sandbox "$root" "$fstab" "$files" "$highest_pid" 2>&1)
unshare=$!

# The file has no newline, which read takes for a failure.
first_process() {
    init=''
    read -r init </proc/"$unshare"/task/"$unshare"/children
    [[ -n $init ]]
} 2>/dev/null

said=''
while read -r line <&4; do
    [[ $line == ready ]] && break
    said+="$line; "
    line=''
done
if [[ ${line:-} != ready ]] || ! first_process; then
    echo "${said:-the sandbox ended at once}"
    kill -KILL "$unshare" 2>/dev/null
    exit 1
fi
mine=$init
echo "ready $mine"

while read -r -t "$silence" _ <&3 && first_process && [[ $init == "$mine" ]]; do :; done

# Only while it still is unshare's child: a number may belong to somebody else later. The kernel lets the first process
# of a namespace go only when all others are gone, so waiting for unshare is waiting for all of them.
if first_process && [[ $init == "$mine" ]]; then
    kill -KILL "$mine" 2>/dev/null
fi
wait "$unshare" 2>/dev/null
exit 0
