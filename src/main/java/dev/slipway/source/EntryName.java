package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A name as an archive gives it, its text judged: the parts between the slashes, still with {@code ..}, because only the
 * tree knows what those lead through.
 */
record EntryName(String text, List<String> parts, boolean meansDirectory) {
    private static final int PART_BYTES = 255; // no Linux file system takes more

    /** Judges a name; {@code entry} is the name of the entry at fault (for a hard link's target another one). */
    static EntryName of(byte[] bytes, String entry, SourceLimits limits) {
        String text = text(bytes, entry, limits);
        if (text.isEmpty()) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, entry, "a name is empty");
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, entry, "a name has control characters");
        }
        if (text.startsWith("/")) {
            throw Refusal.entry(ErrorCode.ARCHIVE_PATH_ESCAPE, entry, "a name is absolute");
        }
        List<String> parts = new ArrayList<>();
        for (String part : text.split("/")) {
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(judged(part, entry));
            }
        }
        String last = text.substring(text.lastIndexOf('/') + 1);
        boolean meansDirectory = last.isEmpty() || last.equals(".") || last.equals("..");
        return new EntryName(text, List.copyOf(parts), meansDirectory);
    }

    /** Judges the target of a symbolic link, which is kept as it is, wherever it points. */
    static String linkTarget(byte[] bytes, String entry, SourceLimits limits) {
        String target = text(bytes, entry, limits);
        if (target.isEmpty() || target.indexOf('\0') >= 0) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, entry, "its link target is empty or holds a NUL");
        }
        return target;
    }

    private static String text(byte[] bytes, String entry, SourceLimits limits) {
        if (bytes.length > limits.maxName()) {
            throw Refusal.entry(
                    ErrorCode.ARCHIVE_NAME_TOO_LONG,
                    entry,
                    "a name has " + bytes.length + " bytes, and " + limits.maxName() + " are allowed");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Refusal.entry(ErrorCode.ARCHIVE_ENTRY_NAME, entry, "a name is not UTF-8");
        }
    }

    private static String judged(String part, String entry) {
        if (part.length() > PART_BYTES / 4 && part.getBytes(StandardCharsets.UTF_8).length > PART_BYTES) {
            throw Refusal.entry(
                    ErrorCode.ARCHIVE_NAME_TOO_LONG,
                    entry,
                    "a part of its name has more than " + PART_BYTES + " bytes");
        }
        return part;
    }
}
