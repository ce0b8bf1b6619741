# shellcheck shell=bash
# Others that take a source over HTTP and push an image: Podman's API service, as this user, and dockerd, as root.

peer_notes=() peers_started=
# Installs them and starts dockerd, while we still may. Its socket reaches the user that we become by the environment.
prepare_peers() {
    local command missing=()
    # Root did all of this before it became us.
    [ -z "${SLIPWAY_BENCH_DOCKER+set}" ] || return 0
    for command in podman runc dockerd; do
        have_command "$command" || missing+=("$command")
    done
    if ! is_root && ! { command -v sudo && sudo true; } &> /dev/null; then
        skip_peer "dockerd" "it runs as root, and there is neither root nor sudo here"
        [[ " ${missing[*]} " != *" podman "* && " ${missing[*]} " != *" runc "* ]] ||
            skip_peer "Podman" "it is not installed, and there is neither root nor sudo here"
        return
    fi
    install_packages curl podman runc dockerd
    start_dockerd
}

skip_peer() {
    say "$1 is left out: $2."
    peer_notes+=("$1 was left out: $2.")
}

# It lives as long as a pipe to its keeper stays open: as long as we live, whoever we become.
start_dockerd() {
    local directory mark as_root=()
    export SLIPWAY_BENCH_DOCKER='' SLIPWAY_BENCH_DOCKER_LIFE=''
    mark=$(now_ms)
    ! is_root || ensure_user
    directory=$(mktemp -d /var/tmp/slipway-bench-docker.XXXXXX)
    chmod 711 "$directory"
    is_root || as_root=(sudo --)
    # A session of its own only behind sudo, which remembers the password by the terminal.
    exec {docker_life}> >(exec "${as_root[@]}" setsid bash "$repo/deploy/lib/bench/dockerd" "$directory" \
        "$(is_root && echo "$service_user" || id -gn)")
    until docker_answers "$directory/docker.sock"; do
        if [ ! -e "$directory" ] || [ $(($(now_ms) - mark)) -gt 30000 ]; then
            exec {docker_life}>&-
            await_end_of_dockerd "$directory"
            return
        fi
        sleep 0.1
    done
    SLIPWAY_BENCH_DOCKER=$directory SLIPWAY_BENCH_DOCKER_LIFE=$docker_life
    finished "$mark" "dockerd, without a network"
}

docker_answers() {
    curl -fsS -m 5 -o /dev/null --unix-socket "$1" http://docker/_ping 2> /dev/null
}

# Its keeper takes the directory away. Where it never ran, the directory is empty and ours.
await_end_of_dockerd() {
    local mark
    mark=$(now_ms)
    while [ -e "$1" ] && ! rmdir "$1" 2> /dev/null; do
        if [ $(($(now_ms) - mark)) -gt 20000 ]; then
            say "dockerd's directory $1 is still there." >&2
            return
        fi
        sleep 0.1
    done
}

# Adds the peers that are there to who builds; what we were told of dockerd is no setting of the service's.
start_peers() {
    [ -n "$peers" ] && [ -z "$peers_started" ] || return 0
    peers_started=yes
    if have_command podman && have_command runc; then
        start_podman
    fi
    [ -z "$docker_directory" ] || contenders+=(docker)
}

docker_directory='' docker_life='' podman_run=''

# Our own variables are taken out of the environment before a service sees them.
adopt_dockerd() {
    docker_directory=${SLIPWAY_BENCH_DOCKER:-} docker_life=${SLIPWAY_BENCH_DOCKER_LIFE:-}
    [ -z "${SLIPWAY_BENCH_DOCKER+set}" ] || [ -n "$docker_directory" ] || skip_peer "dockerd" "it did not start here"
    unset SLIPWAY_BENCH_DOCKER SLIPWAY_BENCH_DOCKER_LIFE
}

# As the same user, with a store of its own. The settings are those that work in containers and on old cgroups, too.
start_podman() {
    local mark home=$data/podman
    mark=$(now_ms)
    mkdir -p "$home/tmp"
    # Podman wants this path short.
    podman_run=$(mktemp -d /tmp/slipway.XXXXXX)
    cat > "$home/containers.conf" << END
[containers]
netns = "host"
cgroups = "disabled"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
END
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$registry_host" > "$home/registries.conf"
    spawn env HOME="$home" XDG_DATA_HOME="$home" XDG_CONFIG_HOME="$home" XDG_RUNTIME_DIR="$podman_run" TMPDIR="$home/tmp" \
        CONTAINERS_CONF="$home/containers.conf" CONTAINERS_REGISTRIES_CONF="$home/registries.conf" \
        BUILDAH_ISOLATION=chroot podman --root "$home/storage" --runroot "$podman_run/storage" \
        --storage-driver "$STORAGE_DRIVER" system service --time=0 "unix://$home/podman.sock" > "$home/log" 2>&1
    podman=$child
    until docker_answers "$home/podman.sock"; do
        if ! still_there "$podman" "$mark" 20; then
            tail -n 5 "$home/log" >&2
            skip_peer "Podman" "its API service did not start here"
            return
        fi
        sleep 0.1
    done
    contenders+=(podman)
    finished "$mark" "Podman's API service"
}

build_by_podman() {
    build_by_engine "$data/podman/podman.sock"
}

build_by_docker() {
    build_by_engine "$docker_directory/docker.sock"
}

# Both speak Docker's API: one request builds and another pushes. What went wrong stands in the body of a 200.
build_by_engine() {
    local socket=$1 name=$registry_host/$namespace/${image%:*} tag=${image##*:} said nocache='' auth began
    [ "$mode" = cached ] || nocache='&nocache=true'
    auth=$(engine_auth)
    began=$EPOCHREALTIME
    said=$(curl -sS -m 300 --unix-socket "$socket" -X POST -H 'Content-Type: application/x-tar' \
        --data-binary "@$data/sample.tar" \
        "http://docker/v1.40/build?t=$name:$tag&networkmode=host&version=1$nocache")
    [[ $said != *'"error"'* ]] || die "tried to build $image by $who, but: $said"
    # The password goes to curl on its stdin.
    said=$(printf 'header = "X-Registry-Auth: %s"\n' "$auth" |
        curl -sS -m 300 --unix-socket "$socket" -X POST --config - \
            "http://docker/v1.40/images/$name/push?tag=$tag&tlsVerify=false")
    took=$(elapsed "$began" "$EPOCHREALTIME")
    digest=$(grep -oiE 'digest"?: ?"?sha256:[0-9a-f]{64}' <<< "$said" | tail -n 1 | grep -oE 'sha256:.*') ||
        die "tried to push $image by $who, but: $said"
}

engine_auth() {
    printf '{"username":"%s","password":"%s","serveraddress":"%s"}' "$registry_user" \
        "$(< "$data/registry-password")" "$registry_host" | base64 -w 0 | tr '+/' '-_'
}

# dockerd ends when its keeper's pipe does, and takes its directory with it. Whatever is left of Podman holds that pipe
# too: its service is two processes, of which the second outlives the first, and a third holds the user namespace.
stop_peers() {
    local process pause=$podman_run/libpod/tmp/pause.pid
    if [ -n "$podman_run" ]; then
        [ ! -s "$pause" ] || kill -KILL "$(< "$pause")" 2> /dev/null || true
        for process in $(grep -lsaF "$podman_run/" /proc/[0-9]*/cmdline); do
            process=${process#/proc/}
            kill -KILL "${process%/cmdline}" 2> /dev/null || true
        done
        remove_tree "$podman_run"
    fi
    [ -n "$docker_directory" ] || return 0
    exec {docker_life}>&-
    await_end_of_dockerd "$docker_directory"
}
