package dev.slipway.source;

/** What an archive's entry is. */
enum EntryKind {
    FILE,
    DIRECTORY,
    SYMLINK,
    /** Another name of an earlier entry: of a file, or (as tar writes them) of a symbolic link. */
    HARDLINK
}
