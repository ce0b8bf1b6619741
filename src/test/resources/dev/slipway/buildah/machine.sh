# A machine of its own, with an internet to go with it, in namespaces of an ordinary user:
#   unshare --user --map-root-user --map-auto --net --mount --pid --fork --kill-child -- bash machine.sh DIRECTORY KIND COMMAND…
# runs COMMAND on it. KIND is public; private for one whose addresses and gateways are private, as most are; or isolated for
# that without the gateways. What answers, on port 80 unless said otherwise:
#   outside:    public 198.51.100.7 and 2600::7, which every name has too; private 10.5.0.1 (on the machine's
#               own subnet), 192.168.7.7, fd00:9::9; 100.64.0.9, 169.254.169.254, 64:ff9b::a05:1 (NAT64 for 10.5.0.1);
#               the machine's resolver, 10.5.0.1
#   on itself:  every address (10.5.0.2; if public 203.0.113.2, 203.0.113.3, 2001:db8:1::2; else fd00:5::2) and loopback
set -eu
directory=$1 kind=$2
shift 2
mount -t proc proc /proc
# It is root here, and sandboxes are made by whom newuidmap finds in these files.
echo root:1:65535 >"$directory/sub-ids"
echo 'nameserver 10.5.0.1' >"$directory/resolv.conf"
for file in subuid subgid; do mount --bind "$directory/sub-ids" "/etc/$file"; done
mount --bind "$directory/resolv.conf" /etc/resolv.conf

unshare --net sleep infinity &
outside=$!
until [ "$(readlink /proc/$outside/ns/net)" != "$(readlink /proc/self/ns/net)" ] 2>/dev/null; do sleep 0.05; done
outside() { nsenter --net=/proc/$outside/ns/net "$@"; }
no_dad='echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
sh -c "$no_dad"
outside sh -c "$no_dad"

ip link add eth0 type veth peer name eth0 netns $outside
addresses='10.5.0.2/24 fd00:5::2/64'
[ "$kind" != public ] || addresses='203.0.113.2/24 203.0.113.3/24 10.5.0.2/24 2001:db8:1::2/64'
for address in $addresses; do ip address add $address dev eth0; done
for address in 203.0.113.1/24 10.5.0.1/24 198.51.100.7/32 192.168.7.7/32 100.64.0.9/32 169.254.169.254/32 \
    2001:db8:1::1/64 fd00:5::1/64 fe80::1/64 2600::7/128 fd00:9::9/128 64:ff9b::a05:1/128; do
    outside ip address add $address dev eth0
done
for link in lo eth0; do
    ip link set $link up
    outside ip link set $link up
done
case $kind in
    public)
        ip route add default via 203.0.113.1
        ip route add default via 2001:db8:1::1
        ;;
    private)
        ip route add default via 10.5.0.1
        ip route add default via fe80::1 dev eth0
        ;;
esac

mkdir "$directory/www"
echo here >"$directory/www/index.html"
/bin/busybox httpd -p 80 -h "$directory/www"
outside /bin/busybox httpd -p 80 -h "$directory/www"
outside python3 "$(dirname "$0")/resolver.py" >"$directory/resolver" &
until grep -qs ready "$directory/resolver"; do sleep 0.05; done
"$@"
