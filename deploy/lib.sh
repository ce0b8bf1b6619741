# shellcheck shell=bash
# What demo, start and test share: they prepare the machine, then go on as an ordinary user.
# Run as root, a script installs what is missing, makes the user `slipway`, hands it a copy of this tree
# (a clone below /root is unreadable to it), and starts itself again from that copy as that user.

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
if [ "$(id -u)" = 0 ]; then
    # What root has installed for itself alone is of no use to the user who runs the service.
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
else
    # usermod, for one, is not in an ordinary user's PATH on Debian.
    [[ :$PATH: == *:/usr/sbin:* ]] || PATH=$PATH:/usr/sbin:/sbin
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/slipway
    mkdir -p "$cache"
fi
export PATH

# shellcheck source=deploy/lib/say.sh
. "$repo/deploy/lib/say.sh"
# shellcheck source=deploy/lib/machine.sh
. "$repo/deploy/lib/machine.sh"
# shellcheck source=deploy/lib/tree.sh
. "$repo/deploy/lib/tree.sh"

# Makes the machine ready: prepare <script> <its arguments…>. Returns only to an ordinary user, with JAVA_HOME set.
# `packages` names the commands that the script needs.
packages=(mvn buildah netavark newuidmap pasta ip curl certificates)
prepare() {
    local script=$1
    shift
    install_packages "${packages[@]}"
    if is_root; then
        ensure_user
        ensure_jdk
        local tree
        tree=$(send_tree)
        cd "$tree"
        become_user "$tree/deploy/$script" "$@"
    fi
    ensure_jdk
    ensure_sub_ids "$(id -un)"
    check_namespaces
}

# Makes sure that who will run the service can write to DIR: own_directory DIR. `directory` is its absolute path.
own_directory() {
    directory=$(realpath -m -- "$1")
    if is_root; then
        ensure_user
        local made=
        [ -e "$directory" ] || made=yes
        [ -z "$made" ] || install -d -m 700 -o "$service_user" -g "$service_user" -- "$directory"
        if ! as_user test -w "$directory" -a -x "$directory"; then
            [ -z "$made" ] || rmdir -- "$directory"
            die "tried to use $directory, but the user $service_user, as whom Slipway runs, cannot write there." \
                "Choose a directory outside of root's home, or: chown -R $service_user: $directory"
        fi
    else
        (umask 077 && mkdir -p -- "$directory") || die "tried to make $directory, but could not (see above)."
        [ -w "$directory" ] || die "tried to use $directory, but $(id -un) cannot write there."
    fi
}
