package dev.slipway.joblog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineSplitterTest {
    private static final String[] PIECES = {
        "a",
        "plain words",
        "\n",
        "\r",
        "\r\n",
        "\t",
        "\u001b[1;31m",
        "\u001b[0m",
        "\u001b",
        "\u001b[",
        "\u001b[2K",
        "\u001b[99",
        "\0",
        "\u0007",
        "\u007f",
        "ä",
        "€",
        "😀",
        "\u0085",
        "\u009b31m",
        "…",
        "\n\n",
        "\r\r",
        "m",
        "["
    };

    private static List<String> lines(byte[] bytes, int... chunks) {
        var lines = new ArrayList<String>();
        var splitter = collecting(lines);
        int at = 0;
        for (int chunk : chunks) {
            splitter.write(bytes, at, chunk);
            at += chunk;
        }
        splitter.write(bytes, at, bytes.length - at);
        splitter.end();
        return lines;
    }

    private static LineSplitter collecting(List<String> lines) {
        return new LineSplitter(
                (utf8, offset, length) -> lines.add(new String(utf8, offset, length, StandardCharsets.UTF_8)));
    }

    private static List<String> lines(String text) {
        return lines(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void a_line_ends_at_newline_or_return_and_newline() {
        assertThat(lines("one\ntwo\r\n\nthree\n\r\nfour")).containsExactly("one", "two", "", "three", "", "four");
    }

    @Test
    void nothing_is_no_line() {
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
    }

    @Test
    void a_lone_return_ends_a_line_and_repeats_are_dropped() {
        assertThat(lines("10%\r20%\r\r\r30%\r")).containsExactly("10%", "20%", "30%");
        assertThat(lines("\r10%")).containsExactly("10%");
        assertThat(lines("a\r\r\nb")).containsExactly("a", "b");
        assertThat(lines("\r\r\nb")).containsExactly("", "b");
    }

    @Test
    void control_characters_become_their_pictures() {
        assertThat(lines("a\0b\u0007c\u007fd\te")).containsExactly("a␀b␇c␡d\te");
        assertThat(lines("\u0001 first")).containsExactly("␁ first");
    }

    @Test
    void c1_controls_are_replaced() {
        assertThat(lines("a\u0085b\u009b31mc\u00a0d")).containsExactly("a\ufffdb\ufffd31mc\u00a0d");
    }

    @Test
    void escape_stays_only_where_it_begins_a_colour() {
        assertThat(lines("\u001b[1;31mred\u001b[0m\u001b[m")).containsExactly("\u001b[1;31mred\u001b[0m\u001b[m");
        assertThat(lines("\u001b[38:5:1mred")).containsExactly("\u001b[38:5:1mred");
        assertThat(lines("\u001b[2Kx\u001b]0;title\u0007")).containsExactly("␛[2Kx␛]0;title␇");
        assertThat(lines("\u001b[31\n\u001b\n\u001b\u001b[m")).containsExactly("␛[31", "␛", "␛\u001b[m");
        assertThat(lines("\u001b[" + "1".repeat(1000) + "m")).containsExactly("␛[" + "1".repeat(1000) + "m");
    }

    @Test
    void what_is_not_utf8_is_replaced() {
        assertThat(lines(bytes('a', 0xff, 'b', 0xc0, 0x80, 'c'))).containsExactly("a\ufffdb\ufffd\ufffdc");
        assertThat(lines(bytes(0xe2, 0x82, '\n', 'x'))).containsExactly("\ufffd", "x");
        assertThat(lines(bytes(0xed, 0xa0, 0x80))).as("a surrogate").containsExactly("\ufffd\ufffd\ufffd");
        assertThat(lines(bytes(0xf4, 0x90, 0x80, 0x80))).containsExactly("\ufffd\ufffd\ufffd\ufffd");
        assertThat(lines(bytes(0xf0, 0x9f, 0x98))).as("cut short").containsExactly("\ufffd");
    }

    @Test
    void random_bytes_are_replaced_as_the_jdk_does() {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextBoolean() ? 0x80 + random.nextInt(128) : 'a');
            }
            // How many replacements stand for one broken sequence is a matter of taste (ours is the Unicode
            // standard's).
            String expected = new String(bytes, StandardCharsets.UTF_8).replaceAll("[\u0080-\u009f\ufffd]+", "?");
            assertThat(String.join("", lines(bytes)).replaceAll("\ufffd+", "?")).isEqualTo(expected);
        }
    }

    @Test
    void any_chunking_gives_the_same_lines() {
        var random = new Random(42);
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = randomText(random);
            int[] chunks = new int[bytes.length];
            int total = 0;
            int count = 0;
            while (total < bytes.length) {
                chunks[count] = Math.min(1 + random.nextInt(7), bytes.length - total);
                total += chunks[count++];
            }
            assertThat(lines(bytes, Arrays.copyOf(chunks, count)))
                    .as("%s", Arrays.toString(bytes))
                    .isEqualTo(lines(bytes));
        }
    }

    private static byte[] randomText(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void any_chunking_cuts_an_endless_line_at_the_same_places() {
        byte[] bytes = ("x" + "€😀\u001b[31mä".repeat(9000)).getBytes(StandardCharsets.UTF_8);
        int[] chunks = new int[bytes.length / 997];
        Arrays.fill(chunks, 997);
        assertThat(lines(bytes, chunks)).isEqualTo(lines(bytes));
    }

    @Test
    void an_endless_line_is_cut_and_nothing_is_torn() {
        String endless = "x" + "€😀\u001b[31mä".repeat(9000);
        List<String> lines = lines(endless);
        assertThat(String.join("", lines)).isEqualTo(endless);
        assertThat(lines).hasSizeGreaterThan(5).allSatisfy(line -> assertThat(line.getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThanOrEqualTo(LineSplitter.MAX_LINE));
        assertThat(lines).noneMatch(line -> line.contains("\ufffd") || line.endsWith("\u001b["));
    }

    @Test
    void a_line_of_exactly_the_limit_is_one_line() {
        String full = "x".repeat(LineSplitter.MAX_LINE);
        assertThat(lines(full + "\n" + full + "y\n")).containsExactly(full, full, "y");
        assertThat(lines(("a" + full + "\n").getBytes(StandardCharsets.UTF_8), 1))
                .containsExactly("a" + full.substring(1), "x");
    }

    @Test
    void an_unfinished_line_can_be_flushed_and_its_newline_is_not_a_second_line() {
        var lines = new ArrayList<String>();
        var splitter = collecting(lines);
        write(splitter, "Continue? ");
        assertThat(splitter.hasPartial()).isTrue();
        splitter.flushPartial();
        assertThat(lines).containsExactly("Continue? ");
        assertThat(splitter.hasPartial()).isFalse();
        write(splitter, "\r\nyes\n\n");
        assertThat(lines).containsExactly("Continue? ", "yes", "");
    }

    @Test
    void flushing_tears_no_character() {
        var lines = new ArrayList<String>();
        var splitter = collecting(lines);
        byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
        splitter.write(euro, 0, 2);
        splitter.flushPartial();
        assertThat(lines).isEmpty();
        splitter.write(euro, 2, 1);
        splitter.end();
        assertThat(lines).containsExactly("€");
    }

    private static void write(LineSplitter splitter, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        splitter.write(bytes, 0, bytes.length);
    }

    @Test
    void it_is_fast() {
        report("plain lines", "Step 12/40 : RUN make all && make install --prefix=/usr/local\n");
        report("coloured text with umlauts", "\u001b[32mgrün\u001b[0m ist die Hoffnung, und schön ist der Tag\n");
    }

    /** Printed, not asserted: a slow machine is no failure. */
    private static void report(String what, String line) {
        byte[] chunk = line.repeat(64 * 1024 / line.length()).getBytes(StandardCharsets.UTF_8);
        long[] seen = new long[1];
        var splitter = new LineSplitter((utf8, offset, length) -> seen[0] += length);
        for (int round = 0; round < 3; round++) {
            long began = System.nanoTime();
            int times = 256 * 1024 * 1024 / chunk.length;
            for (int i = 0; i < times; i++) {
                splitter.write(chunk, 0, chunk.length);
            }
            long nanos = System.nanoTime() - began;
            System.out.printf("LineSplitter, %s: %d MB/s%n", what, (long) chunk.length * times * 1000 / nanos);
        }
        assertThat(seen[0]).isPositive();
    }
}
