package dev.slipway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WriteBehindTest {
    private static final int LARGEST = 100_000;

    @TempDir
    Path directory;

    @Test
    void what_was_written_stands_in_the_file_in_its_order_however_it_was_cut() throws IOException {
        Random random = new Random(5);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        Path path = directory.resolve("file");
        try (WriteBehind file = open(path, StandardOpenOption.CREATE_NEW)) {
            byte[] bytes = new byte[LARGEST];
            for (int i = 0; i < 400; i++) {
                random.nextBytes(bytes); // the array of the write before: it is the caller's again
                int offset = random.nextInt(1_000);
                int length = random.nextInt(LARGEST - offset);
                expected.write(bytes, offset, length);
                file.write(bytes, offset, length);
            }
            file.sync();
            assertThat(Files.size(path)).isEqualTo(expected.size());
        }
        assertThat(path).hasBinaryContent(expected.toByteArray());
    }

    @Test
    void many_files_at_once_share_the_buffers_and_none_waits_for_another() throws IOException {
        byte[] bytes = new byte[64 * 1024];
        new Random(7).nextBytes(bytes);
        List<WriteBehind> files = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            files.add(open(directory.resolve("file-" + i), StandardOpenOption.CREATE_NEW));
        }
        for (int i = 0; i < 8; i++) {
            for (WriteBehind file : files) {
                file.write(bytes, 0, bytes.length);
            }
        }
        for (WriteBehind file : files) {
            file.close();
        }
        for (int i = 0; i < files.size(); i++) {
            byte[] written = Files.readAllBytes(directory.resolve("file-" + i));
            assertThat(written).hasSize(8 * bytes.length).startsWith(bytes).endsWith(bytes);
        }
    }

    /** More often than there are buffers: one that was lost with a failure would be missed. */
    @Test
    void a_disk_that_is_full_is_told_to_the_writer_now_or_at_the_end() throws IOException {
        byte[] bytes = new byte[64 * 1024];
        for (int i = 0; i < 200; i++) {
            try (WriteBehind file = open(Path.of("/dev/full"))) {
                for (int small = 0; small < 4; small++) {
                    assertFull(() -> file.write(bytes, 0, bytes.length)); // without another thread
                }
                if (i % 2 == 0) {
                    assertFull(() -> {
                        for (int j = 0; j < 1000; j++) {
                            file.write(bytes, 0, bytes.length);
                        }
                    });
                }
                assertFull(() -> {
                    file.write(bytes, 0, bytes.length);
                    file.flush();
                });
                assertFull(file::sync);
            }
        }
    }

    private static void assertFull(ThrowingCallable write) {
        assertThatThrownBy(write).isInstanceOf(IOException.class).hasMessageContaining("No space left");
    }

    private static WriteBehind open(Path path, StandardOpenOption... more) throws IOException {
        List<StandardOpenOption> options = new ArrayList<>(List.of(more));
        options.add(StandardOpenOption.WRITE);
        return new WriteBehind(FileChannel.open(path, options.toArray(StandardOpenOption[]::new)));
    }
}
