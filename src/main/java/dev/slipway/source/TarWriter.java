package dev.slipway.source;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a tar of files whose bytes depend on names and contents alone: no owners, one mode, one time. */
final class TarWriter {
    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes one file. */
    void file(String name, Path content) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 100) {
            byte[] record = paxPath(bytes);
            header("PaxHeader".getBytes(StandardCharsets.UTF_8), 'x', record.length);
            out.write(record);
            pad(record.length);
        }
        long size = Files.size(content);
        header(bytes, '0', size);
        Files.copy(content, out);
        pad(size);
    }

    /** Writes the end mark. */
    void end() throws IOException {
        out.write(new byte[2 * TarHeader.BLOCK]);
    }

    private static byte[] paxPath(byte[] name) {
        int rest = name.length + " path=\n".length();
        int length = rest + String.valueOf(rest).length();
        length = rest + String.valueOf(length).length();
        byte[] record = new byte[length];
        byte[] head = (length + " path=").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(head, 0, record, 0, head.length);
        System.arraycopy(name, 0, record, head.length, name.length);
        record[length - 1] = '\n';
        return record;
    }

    private void header(byte[] name, char type, long size) throws IOException {
        byte[] block = new byte[TarHeader.BLOCK];
        System.arraycopy(name, 0, block, 0, Math.min(name.length, 100));
        text(block, 100, "0000644\0" + "0000000\0" + "0000000\0" + size(size) + "00000000000\0" + "        " + type);
        text(block, 257, "ustar\0" + "00");
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        text(block, 148, String.format("%06o\0 ", sum));
        out.write(block);
    }

    // Base 256 where twelve octal digits do not suffice.
    private static String size(long size) {
        if (size < 1L << 33) {
            return String.format("%011o\0", size);
        }
        StringBuilder field = new StringBuilder("\u0080\0\0\0");
        for (int shift = 56; shift >= 0; shift -= 8) {
            field.append((char) (size >>> shift & 0xff));
        }
        return field.toString();
    }

    private static void text(byte[] block, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) TarInput.padding(size)]);
    }
}
