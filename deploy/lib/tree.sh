# shellcheck shell=bash
# The source tree: handed to the service's user, and built into an application that runs apart from it.

# Copies this clone to where the service's user builds it; prints the copy's path. Run by root.
# Root only reads here: whatever is written in the user's home is written by the user.
send_tree() {
    list_files | tar -C "$repo" --no-recursion --null -T - -cf - |
        as_user bash -c "set -euo pipefail; $(declare -f receive_tree take_lock say); receive_tree \"\$1\"" - "$repo"
}

# The files of this clone that are not ignored, NUL after each.
list_files() {
    local file
    if git -C "$repo" -c safe.directory='*' rev-parse 2> /dev/null; then
        # Listed are deleted files too, until the deletion is committed.
        git -C "$repo" -c safe.directory='*' ls-files -z -co --exclude-standard
    else
        (cd "$repo" && find . \( -path ./target -o -path ./.git \) -prune -o \( -type f -o -type l \) -printf '%P\0')
    fi | while IFS= read -r -d '' file; do
        [ ! -e "$repo/$file" ] && [ ! -L "$repo/$file" ] || printf '%s\0' "$file"
    done
}

# Unpacks a tree from stdin into the copy that belongs to a clone; keeps what Maven built there before.
receive_tree() {
    local origin=$1 trees=$HOME/.cache/slipway/trees tree lock
    tree=$trees/$(basename "$origin")-$(printf '%s' "$origin" | sha256sum | cut -c1-8)
    mkdir -p "$tree"
    take_lock "$tree"
    rm -rf "$tree.new"
    mkdir "$tree.new"
    tar -C "$tree.new" -xf -
    # A file that is gone from the sources would stay in target/classes.
    if diff -q <(cd "$tree" && find . -path ./target -prune -o -type f -print | sort) \
        <(cd "$tree.new" && find . -type f | sort) > /dev/null && [ -d "$tree/target" ]; then
        mv "$tree/target" "$tree.new/"
    fi
    rm -rf "$tree"
    mv "$tree.new" "$tree"
    # Clones come and go; their copies, with what was built in them, go a week after their last use.
    touch "$tree.lock"
    find "$trees" -maxdepth 1 -name '*.lock' -mtime +7 | while IFS= read -r lock; do
        flock -n "$lock" rm -rf "${lock%.lock}" "$lock" || true
    done
    printf '%s\n' "$tree"
}

# Holds a tree until the script ends or release_lock: nobody else changes or builds it meanwhile.
take_lock() {
    exec {tree_lock}> "$1.lock"
    if ! flock -n "$tree_lock"; then
        say "Another deploy script works in $1; waiting for it." >&2
        flock "$tree_lock"
    fi
}

release_lock() {
    exec {tree_lock}>&-
}

# Takes the lock of the tree that we stand in; a clone of the user's own keeps its lock out of the clone.
lock_tree() {
    local lock=$repo
    [[ $repo == "$cache/trees/"* ]] || lock=$cache/$(printf '%s' "$repo" | sha256sum | cut -c1-16)
    take_lock "$lock"
}

# What decides whether the application must be built again: the sources, what builds them, and the JDK.
source_stamp() {
    (cd "$repo" && {
        find pom.xml src/main -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        cat "$JAVA_HOME/release"
    }) | sha256sum | cut -c1-16
}

# Builds the application where its sources changed; `app` is where it stands, in use by us until we end.
# It runs from a copy, because a build that replaces jars under a running service crashes it.
app=
build_app() {
    lock_tree
    app=$cache/app/$(source_stamp)
    until use_app; do
        compile_app
    done
    local other
    for other in "$cache"/app/*/; do
        flock -n "$other" rm -rf "$other" || true
    done
    release_lock
}

# Keeps the application from being tidied away as long as we or the service run; fails where it is not there.
use_app() {
    [ -e "$app/quarkus-run.jar" ] || return 1
    exec {app_lock}< "$app"
    flock -s "$app_lock"
    [ -e "$app/quarkus-run.jar" ]
}

compile_app() {
    [ -d "$HOME/.m2/repository" ] || say "The first build downloads its dependencies, which takes minutes."
    # What a deleted source or resource left behind must not get into the application.
    rm -rf "$repo/target/classes" "$repo/target/quarkus-app"
    quietly "Building Slipway" "$cache/maven.log" \
        mvn -B -ntp -f "$repo/pom.xml" -Dmaven.test.skip=true -Dspotless.skip=true \
        -Dquarkus.analytics.disabled=true package
    mkdir -p "$cache/app"
    rm -rf "$app" "$app.new"
    cp -a "$repo/target/quarkus-app" "$app.new"
    mv "$app.new" "$app"
}

# Sets `java` to the command that runs the service on SLIPWAY_DATA; what it leaves in a temporary directory stays there.
java=()
java_command() {
    (umask 077 && mkdir -p "$SLIPWAY_DATA/tmp")
    java=("$JAVA_HOME/bin/java" -XX:-UsePerfData "-Djava.io.tmpdir=$SLIPWAY_DATA/tmp" -jar "$app/quarkus-run.jar")
}
