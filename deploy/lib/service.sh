# shellcheck shell=bash
# A registry with a password and Slipway in front of it, both on loopback, with all they keep in the directory `data`:
# what demo and bench run. They say as whom the registry knows them, `registry_user`, and the `namespace` of images.

data='' registry='' registry_host='' registry_port='' service='' port='' url=''

# A registry that asks for a password, on `registry_port`.
run_registry() {
    local mark store=$data/registry
    mark=$(now_ms)
    registry_host=127.0.0.1:$registry_port
    mkdir -p "$store"
    write_credentials
    cat > "$data/registry.yml" << END
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$store"}, delete: {enabled: true}}
http: {addr: "$registry_host"}
auth: {htpasswd: {realm: slipway-$namespace, path: "$data/registry-htpasswd"}}
END
    spawn docker-registry serve "$data/registry.yml" > "$data/registry.log" 2>&1
    registry=$child
    until port_taken "$registry_port"; do
        still_there "$registry" "$mark" 20 || die_with_log "tried to start the registry" "$data/registry.log"
        sleep 0.05
    done
    finished "$mark" "Registry on $registry_host, with a password"
}

# The password is made once; what the registry and Slipway read is derived from it. It is in no argument list.
write_credentials() {
    local password_file=$data/registry-password
    (
        umask 077
        [ -s "$password_file" ] || head -c 18 /dev/urandom | base64 | tr '+/' 'xy' > "$password_file"
        htpasswd -niB "$registry_user" < "$password_file" > "$data/registry-htpasswd"
        printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$registry_host" \
            "$(printf '%s:%s' "$registry_user" "$(< "$password_file")" | base64 -w 0)" > "$data/registry-auth.json"
    )
}

# The password goes to curl on its stdin.
registry_get() {
    local path=$1
    shift
    printf 'user = "%s:%s"\n' "$registry_user" "$(< "$data/registry-password")" |
        api -f --config - -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
            -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "$@" "http://$registry_host/v2/$path"
}

# Starts the service on `port` and returns when it is ready.
run_service() {
    local mark
    mark=$(now_ms)
    service_settings
    tick_begin "Starting Slipway with its own PostgreSQL"
    : > "$data/slipway.log"
    spawn_service
    if ! await_ready "$mark"; then
        tick_end
        curl -sS -m 5 "$url/q/health/ready" >&2 || true
        die_with_log "tried to start Slipway" "$data/slipway.log"
    fi
    tick_end
    finished "$mark" "Slipway is ready on $url"
}

# The service's environment, and nothing else in ours.
service_settings() {
    url=http://127.0.0.1:$port
    drop_settings
    export SLIPWAY_DATA=$data/service SLIPWAY_HTTP_HOST=127.0.0.1 SLIPWAY_HTTP_PORT=$port
    export SLIPWAY_REGISTRY_DEFAULT_HOST=$registry_host SLIPWAY_REGISTRY_NAMESPACE=$namespace
    export SLIPWAY_REGISTRY_AUTH_FILE=$data/registry-auth.json SLIPWAY_REGISTRY_INSECURE=$registry_host
    java_command
    clean_environment "$HOME" "$(id -un)"
    cd "$data"
}

# The caller's settings are those of another service, whose directories this one would empty or share, but for those
# that only say how builds run here.
drop_settings() {
    local name
    for name in "${!SLIPWAY_@}"; do
        case $name in
            SLIPWAY_BUILDAH_NETWORK | SLIPWAY_BUILDAH_STORAGE_DRIVER) ;;
            SLIPWAY_WORKER_SLOTS) [[ ! ${!name} =~ ^0*$ ]] || unset "$name" ;;
            *) unset "$name" ;;
        esac
    done
}

spawn_service() {
    spawn "${java[@]}" >> "$data/slipway.log" 2>&1
    service=$child
}

# Asks little of the machine until the port is open: the service is to have it for its start.
await_ready() {
    until port_taken "$port" && curl -fsS -m 5 -o /dev/null "$url/q/health/ready" 2> /dev/null; do
        still_there "$service" "$1" 120 || return 1
        sleep 0.02
    done
}

# Whether a process that we wait for lives, and less than the seconds given have passed since the mark.
still_there() {
    kill -0 "$1" 2> /dev/null && [ $(($(now_ms) - $2)) -lt $(($3 * 1000)) ]
}

die_with_log() {
    say "" "The end of $2:" >&2
    tail -n 40 "$2" >&2
    die "$1, but it did not go well (see above)."
}

api() {
    curl -sS -m 60 "$@"
}

# Ends service and registry, and whatever else we started; prints what is left of it, and fails then. The service goes
# first, so that what it is pushing still finds the registry. A second Ctrl-C changes nothing.
stop_service_and_registry() {
    local mark left status=0
    trap '' INT TERM HUP
    tick_end
    if [ -n "$service" ] && ! stop_child "$service" 40; then
        say "Slipway did not end within 40 s and was killed; see $data/slipway.log" >&2
        status=1
    fi
    [ -z "$registry" ] || stop_child "$registry" 10 || status=1
    stop_children
    mark=$(now_ms)
    # What dies with the service may take a moment longer than the service.
    until left=$(processes_in_data) && [ -z "$left" ]; do
        [ $(($(now_ms) - mark)) -lt 3000 ] || break
        sleep 0.1
    done
    [ -z "$left" ] || { say "Left running: $left" >&2; status=1; }
    return $status
}

# Processes that work inside of the service's directory, as the database and builds do.
processes_in_data() {
    local process
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/cwd" 2> /dev/null) != "$data/service"* ]] || printf '%s ' "${process#/proc/} ($(< "$process/comm"))"
    done 2> /dev/null
}
