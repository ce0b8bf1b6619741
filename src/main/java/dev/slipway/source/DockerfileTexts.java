package dev.slipway.source;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The contents of files that may be the Dockerfile, kept as they stream by: which one it is, is known only when the
 * request has ended, and reading a large archive again would take as long as it took.
 */
final class DockerfileTexts {
    private static final int MAX_BYTES = 1 << 20;
    private static final int KEPT_BYTES = 4 << 20;
    /** What a Dockerfile's instructions and their images take at most, for each byte of it. */
    private static final int PARSED = 48;

    private static final int COST = 128; // of remembering one, however short: an archive may hold a million

    private final Map<Integer, byte[]> kept = new HashMap<>();
    private int room = KEPT_BYTES;

    /** Reads and keeps an entry's content if its name looks like it. */
    void offer(ArchiveEntry entry, ArchiveTree tree, MemoryShare memory) throws IOException {
        if (entry.kind() != EntryKind.FILE || entry.size() > Math.min(MAX_BYTES, room - COST)) {
            return;
        }
        String name = tree.name(entry.node()).toLowerCase(Locale.ROOT);
        if (name.contains("dockerfile") || name.contains("containerfile")) {
            memory.take(entry.size());
            kept.put(entry.number(), entry.content().readAllBytes());
            room -= (int) entry.size() + COST;
        }
    }

    /** How many are kept. */
    int count() {
        return kept.size();
    }

    /**
     * The Dockerfile: its text is one that was kept, or else read again from the stored archive. The memory it takes stays
     * taken, for what is asked of it later.
     */
    Dockerfile dockerfile(
            DockerfileLocation location, ArchiveTree tree, Path archive, SourceLimits limits, MemoryShare memory)
            throws IOException {
        int number = tree.contentOf(location.node());
        byte[] text = kept.get(number);
        if (text == null) {
            text = readAgain(archive, number, location.path(), limits, memory);
        }
        memory.take((long) PARSED * text.length);
        return parse(location.path(), text);
    }

    private static byte[] readAgain(Path archive, int number, String path, SourceLimits limits, MemoryShare memory)
            throws IOException {
        try (MemoryShare again = memory.part();
                StoredStream in = new StoredStream(archive);
                ArchiveReader reader = new ArchiveReader(in, limits, again)) {
            ArchiveEntry entry = reader.next();
            while (entry.number() < number) {
                entry = reader.next();
            }
            return entry.size() > MAX_BYTES ? refuseSize(path) : entry.content().readAllBytes();
        }
    }

    /** The Dockerfile in a file that was unpacked. */
    static Dockerfile read(String path, Path file) throws IOException {
        return parse(path, Files.size(file) > MAX_BYTES ? refuseSize(path) : Files.readAllBytes(file));
    }

    private static Dockerfile parse(String path, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Dockerfile.parse(path, text);
        } catch (CharacterCodingException e) {
            throw refused(path, "it is not UTF-8", e);
        }
    }

    private static byte[] refuseSize(String path) {
        throw refused(path, "it is larger than " + MAX_BYTES + " bytes", null);
    }

    private static SlipwayException refused(String path, String why, Exception cause) {
        return new SlipwayException(
                ErrorCode.DOCKERFILE_POLICY,
                "tried to read the Dockerfile '" + Refusal.shown(path) + "' but " + why,
                cause);
    }
}
