# shellcheck shell=bash
# The machine: packages, a JDK 25, the user, its sub-uids, user namespaces.

service_user=slipway

is_root() {
    [ "$(id -u)" = 0 ]
}

# Runs a command as root, by sudo where we are not.
privileged() {
    if is_root; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo -- "$@"
    else
        die "tried to run '$*' as root, but there is no sudo here." "Run this script as root, or install sudo."
    fi
}

# The Debian package that a command is in.
package_of() {
    case $1 in
        mvn) echo maven ;;
        newuidmap) echo uidmap ;;
        htpasswd) echo apache2-utils ;;
        pasta) echo passt ;;
        ip) echo iproute2 ;;
        xz) echo xz-utils ;;
        certificates) echo ca-certificates ;;
        dockerd) echo docker.io ;;
        *) echo "$1" ;;
    esac
}

have_command() {
    case $1 in
        certificates) [ -e /etc/ssl/certs/ca-certificates.crt ] ;;
        # Newer buildah starts no container without it, even where the container gets no network of its own.
        netavark) compgen -G '/usr/lib*/podman/netavark' > /dev/null ;;
        busybox-static) static_busybox > /dev/null ;;
        *) command -v "$1" > /dev/null ;;
    esac
}

# Where Debian's static busybox goes on machines whose own busybox is the dynamic one: the packages exclude each other.
extra_busybox=/usr/local/lib/slipway/busybox

# Prints the path of a busybox that needs no libraries: its first page names no loader.
static_busybox() {
    local candidate
    for candidate in /bin/busybox "$extra_busybox"; do
        if [ -x "$candidate" ] && ! head -c 4096 "$candidate" | grep -aE '/ld-(linux|musl)' > /dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# Takes the static busybox out of its package, without installing it.
extract_busybox() {
    privileged bash -euo pipefail -c '
        cd "$(mktemp -d)"
        trap "rm -rf \"$PWD\"" EXIT
        apt-get -q download busybox-static > /dev/null 2>&1
        dpkg-deb -x busybox-static_*.deb .
        install -D -m 755 "$(find . -type f -name busybox -path "*bin/busybox")" "$1"' - "$extra_busybox" ||
        die "tried to fetch the package busybox-static, but could not."
    say "Took busybox out of the package busybox-static; the busybox of this machine stays."
}

# Installs the packages of the commands that are missing: install_packages <command…>.
install_packages() {
    local command missing=() names
    for command in "$@"; do
        have_command "$command" || missing+=("$(package_of "$command")")
    done
    [ ${#missing[@]} != 0 ] || return 0
    names=$(printf '%s\n' "${missing[@]}" | sort -u | tr '\n' ' ')
    on_debian || die "this machine lacks ${names% }, and packages are installed on Debian and its kin only." \
        "Install them by hand and run this again."
    # shellcheck disable=SC2086 # package names are words
    apt_install $names
}

on_debian() {
    command -v apt-get > /dev/null && grep -qE '^(ID|ID_LIKE)=.*debian' /etc/os-release
}

apt_updated=

apt_update() {
    [ -z "$apt_updated" ] || return 0
    apt_run "Updating the package lists" update
    apt_updated=yes
}

apt_install() {
    # Asks for the password, if it must, before anything is drawn over the question.
    is_root || { command -v sudo > /dev/null && sudo true; } ||
        die "tried to install $*, but sudo refuses or is missing." "Run this script as root, or install sudo."
    apt_update
    if [[ " $* " == *" busybox-static "* ]] && [ -x /bin/busybox ]; then
        extract_busybox
        local package others=()
        for package in "$@"; do
            [ "$package" = busybox-static ] || others+=("$package")
        done
        [ ${#others[@]} != 0 ] || return 0
        set -- "${others[@]}"
    fi
    # Never at the price of another package, and without what they only recommend.
    local install=(install --yes --no-install-recommends --no-remove "$@") units=()
    mapfile -t units < <(units_of_new "${install[@]}")
    mask_units "${units[@]}"
    apt_run "Installing $*" "${install[@]}"
    drop_links "${units[@]}"
}

# apt in the foreground, so that Ctrl-C reaches it: apt_run <text> <apt-get arguments…>.
apt_run() {
    local text=$1 output
    shift
    tick_begin "$text"
    if ! output=$(privileged env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" 2>&1); then
        tick_end
        tail -n 20 <<< "$output" >&2
        die "tried: apt-get $*, but it failed (see above)."
    fi
    tick_end
    finished "$tick_mark" "$text"
}

# Prints the services that an installation would bring and start, dependencies' too: a registry on port 5000 of every
# interface, a dockerd. What is on this machine already stays as it is: units_of_new <apt-get arguments…>.
units_of_new() {
    local package
    LC_ALL=C apt-get -q --simulate "$@" 2> /dev/null | awk '$1 == "Inst" && $3 ~ /^\(/ { print $2 }' |
        while IFS= read -r package; do
            case $package in
                docker-registry) printf '%s\n' docker-registry.service ;;
                docker.io) printf '%s\n' docker.service docker.socket ;;
                containerd) printf '%s\n' containerd.service ;;
                podman) printf '%s\n' podman.service podman.socket podman-restart.service podman-auto-update.{service,timer} ;;
            esac
        done
}

# Whether systemd runs or not: it may at the next start of the machine.
mask_units() {
    [ $# != 0 ] && command -v systemctl > /dev/null || return 0
    privileged systemctl mask --quiet "$@" 2> /dev/null || die "tried to mask $*, but could not."
    say "What these packages would run stays off (to have it: systemctl unmask $*)."
}

# A package enables its services even where they are masked, for whenever they are not.
drop_links() {
    local unit
    for unit in "$@"; do
        privileged find /etc/systemd/system -mindepth 2 -type l -name "$unit" -delete
    done
}

is_jdk25() {
    [ -x "$1/bin/javac" ] && grep -qs '^JAVA_VERSION="25[."]' "$1/release"
}

# Prints the home of the first JDK 25 among the usual places.
find_jdk25() {
    local in_path home
    in_path=$(readlink -f "$(command -v java)" 2> /dev/null) || in_path=
    for home in "${JAVA_HOME:-}" "${in_path%/bin/java}" /usr/lib/jvm/* /opt/*jdk* /usr/local/*jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
        if is_jdk25 "$home"; then
            (cd "$home" && pwd -P)
            return
        fi
    done
    return 1
}

# The search as the user who will use what it finds: root's own JDK may be out of its reach.
find_usable_jdk() {
    if is_root; then
        as_user bash -c "$(declare -f is_jdk25 find_jdk25); find_jdk25"
    else
        find_jdk25
    fi
}

# Sets JAVA_HOME to a JDK 25, installing it where the distribution has one.
ensure_jdk() {
    local package=openjdk-25-jdk-headless
    if ! JAVA_HOME=$(find_usable_jdk); then
        if on_debian; then
            apt_knows "$package" || apt_update
            ! apt_knows "$package" || apt_install "$package"
        fi
        JAVA_HOME=$(find_usable_jdk) || die \
            "Slipway needs a JDK 25, but none was found (JAVA_HOME, java in PATH, /usr/lib/jvm, /opt), and this" \
            "distribution has no package $package (Debian has it from 13 on). To get one, for example:" \
            "  - Eclipse Temurin: package temurin-25-jdk, see https://adoptium.net/installation/linux" \
            "  - or unpack any JDK 25 below /opt, or anywhere and set JAVA_HOME" \
            "and run this again."
    fi
    export JAVA_HOME
}

apt_knows() {
    [[ $(LC_ALL=C apt-cache policy "$1") == *"Candidate: "[^\(]* ]]
}

# Makes the user that the service runs as where root started us.
ensure_user() {
    if ! getent passwd "$service_user" > /dev/null; then
        useradd --create-home --shell /usr/sbin/nologin --comment "Slipway" "$service_user"
        say "Made the user $service_user, as whom everything else runs."
    fi
    service_home=$(getent passwd "$service_user" | cut -d: -f6)
    as_user test -d "$service_home" -a -w "$service_home" ||
        die "the user $service_user is there, but its home $service_home is not its own." "Give it one: usermod, chown."
    ensure_sub_ids "$service_user"
}

# Sees to it that a user has sub-uids and sub-gids, which rootless buildah maps a container's users to.
ensure_sub_ids() {
    local user=$1 first
    if has_sub_ids "$user" /etc/subuid && has_sub_ids "$user" /etc/subgid; then
        return
    fi
    # Behind every range that is given away already, in both files, so that one pair of options fits both.
    first=$(cat /etc/subuid /etc/subgid 2> /dev/null |
        awk -F: 'BEGIN { next_free = 100000 } $2 + $3 > next_free { next_free = $2 + $3 } END { print next_free }')
    local range=$first-$((first + 65535))
    say "Giving $user the sub-uids and sub-gids $range."
    privileged usermod --add-subuids "$range" --add-subgids "$range" "$user" ||
        die "tried to give $user sub-uids, but could not; rootless builds need them." \
            "As root: usermod --add-subuids $range --add-subgids $range $user"
}

has_sub_ids() {
    awk -F: -v user="$1" -v id="$(id -u "$1")" \
        '($1 == user || $1 == id) && $3 >= 65536 { found = 1 } END { exit !found }' "$2" 2> /dev/null
}

# Tries what every build will do: a user namespace with the sub-uids mapped.
check_namespaces() {
    local refusal hints=()
    ! refusal=$(unshare --user --map-root-user --map-auto true 2>&1) || return 0
    ! is_set /proc/sys/kernel/unprivileged_userns_clone 0 ||
        hints+=("As root: sysctl -w kernel.unprivileged_userns_clone=1")
    ! is_set /proc/sys/user/max_user_namespaces 0 || hints+=("As root: sysctl -w user.max_user_namespaces=15000")
    ! is_set /proc/sys/kernel/apparmor_restrict_unprivileged_userns 1 ||
        hints+=("As root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile with userns)")
    [ -u "$(command -v newuidmap)" ] || getcap "$(command -v newuidmap)" 2> /dev/null | grep cap_setuid > /dev/null ||
        hints+=("newuidmap has lost its setuid bit; as root: apt-get install --reinstall uidmap")
    [ ${#hints[@]} != 0 ] ||
        hints=("In a container, the container must be allowed to make user namespaces, and have the sub-uids itself.")
    die "tried to make a user namespace as $(id -un), in which builds run, but: $refusal" "${hints[@]}"
}

is_set() {
    [ -r "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# Gives the service's user a control group of its own, as systemd's Delegate=yes does, and enters it; it goes when this
# process is gone, with whatever is in it. Says so where the machine does not let us. Only for root.
enter_own_group() {
    local mount group
    mount=$(findmnt -n -o TARGET -t cgroup2 | head -n 1) || mount=
    group=$mount/slipway-$$
    if [ -z "$mount" ] || ! mkdir "$group" 2> /dev/null; then
        say "No control group can be made here; builds are held by rlimits and by watching."
        return
    fi
    chown "$service_user:" "$group" "$group"/cgroup.{procs,subtree_control,threads}
    # It stays outside, and in no session of ours.
    # shellcheck disable=SC2016 # the inner shell's own
    setsid bash -c '
        tail --pid="$1" -f /dev/null
        echo 1 > "$2/cgroup.kill"
        for ((i = 0; i < 100; i++)); do
            find "$2" -depth -type d -exec rmdir {} + && break
            sleep 0.1
        done' - $$ "$group" < /dev/null > /dev/null 2>&1 &
    echo $$ > "$group/cgroup.procs"
}

# Leaves in the environment only what is meant for the service and its tools, and what the user's home decides.
clean_environment() {
    local name
    for name in $(compgen -e); do
        case $name in
            SLIPWAY_* | JAVA_HOME | MAVEN_OPTS | MAVEN_ARGS | LANG | LC_* | TERM | NO_COLOR | CI | PATH) ;;
            *) unset "$name" 2> /dev/null || export -n "${name?}" ;;
        esac
    done
    export HOME=$1 USER=$2 LOGNAME=$2
}

# Runs a command as the service's user, with a clean environment; only for root.
as_user() {
    (become_user "$@")
}

# Becomes the service's user for good. Not by runuser, which stays in between and kills two seconds after a SIGTERM.
become_user() {
    clean_environment "$service_home" "$service_user"
    # The directory that root stands in may be closed to the user.
    cd /
    exec setpriv --reuid="$service_user" --regid="$service_user" --init-groups --inh-caps=-all -- "$@"
}
