# The first process of a sandbox: makes the root file system out of ROOT, FSTAB and FILES, sets HIGHEST_PID, says
# "ready", and then only waits. Run by sh as root of its own namespaces. If NETWORK is "internet" it says "network" before,
# as soon as it has one that can be connected. It enters the control group GROUP first, where that is not empty, so that
# all that descends from it is in there.
set -eu
root=$1 fstab=$2 files=$3 highest_pid=$4 network=$5 group=$6
umask 022
[ -z "$group" ] || echo 0 >"$group/cgroup.procs"
if [ "$network" = internet ]; then
    # An address is used at once: nobody else is in this network who could have it.
    [ ! -w /proc/sys/net/ipv6/conf/default/accept_dad ] || echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
    echo network
fi
mount -t tmpfs -o mode=0755,size=64m sandbox "$root"
cd "$root"
mkdir -p usr etc/ssl proc sys dev/shm run tmp var/tmp var/lib/containers slot context stage out
for device in null zero full random urandom tty; do : >dev/$device; done
for link in bin sbin lib lib32 lib64 libx32; do
    [ ! -L "/$link" ] || cp -P "/$link" .
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
for file in hosts resolv.conf nsswitch.conf ld.so.cache localtime; do
    [ ! -e "/etc/$file" ] || cp -L "/etc/$file" etc/
done
[ "$network" != internet ] || cp "${root%/*}/resolv.conf" etc/
cp -R "$files/." etc/
mount --all --fstab "$fstab"
# Nobody in here needs a user namespace of its own, in which it would be allowed what is denied here.
echo 0 >proc/sys/user/max_user_namespaces
mkdir -p run/home run/containers
mkdir old
pivot_root . old
cd /
umount -l /old
rmdir /old
mount -o remount,ro /
# Since Linux 6.14 this is the namespace's own; before, it is not ours to write, and other limits have to do.
if [ "$highest_pid" -gt 0 ]; then
    { echo "$highest_pid" >/proc/sys/kernel/pid_max; } 2>/dev/null || :
fi
# What is in a segment that nobody has attached belongs to no process, and so to no limit: there may be 64 MiB of it.
{ echo 16384 >/proc/sys/kernel/shmall; } 2>/dev/null || :
echo ready
# With SIGCHLD ignored the kernel reaps the orphans that come to us.
exec env -i --ignore-signal=CHLD sleep infinity </dev/null >/dev/null 2>&1
