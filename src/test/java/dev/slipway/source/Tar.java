package dev.slipway.source;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** An archive built by hand, byte by byte where it matters, so that it can be as hostile as it likes. */
public final class Tar {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Adds a file. */
    public Tar file(String name, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return entry(header(name, '0').size(bytes.length), bytes);
    }

    /** Adds a directory. */
    public Tar directory(String name) {
        return entry(header(name, '5'));
    }

    /** Adds a symbolic link. */
    public Tar symlink(String name, String target) {
        return entry(header(name, '2').link(target));
    }

    Tar hardlink(String name, String target) {
        return entry(header(name, '1').link(target));
    }

    Tar pax(String... records) {
        return meta('x', records);
    }

    Tar meta(char type, String... records) {
        StringBuilder all = new StringBuilder();
        for (String record : records) {
            int rest = record.getBytes(StandardCharsets.UTF_8).length + 2;
            int length = rest + String.valueOf(rest).length();
            length = rest + String.valueOf(length).length();
            all.append(length).append(' ').append(record).append('\n');
        }
        byte[] bytes = all.toString().getBytes(StandardCharsets.UTF_8);
        return entry(header("PaxHeader", type).size(bytes.length), bytes);
    }

    /** Adds the name of the next entry, as GNU tar does with long ones. */
    public Tar longName(char type, String name) {
        byte[] bytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
        return entry(header("././@LongLink", type).gnu().size(bytes.length), bytes);
    }

    /** Adds an entry by its header. */
    public Tar entry(Header header, byte... content) {
        out.writeBytes(header.bytes());
        out.writeBytes(content);
        out.writeBytes(new byte[-content.length & 511]);
        return this;
    }

    /** Adds bytes. */
    public Tar raw(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** The archive, ended in order. */
    public byte[] end() {
        return raw(new byte[1024]).bytes();
    }

    /** How many bytes it has now. */
    int size() {
        return out.size();
    }

    /** The archive as it is now, ended or not. */
    public byte[] bytes() {
        return out.toByteArray();
    }

    /** A header. */
    public static Header header(String name, char type) {
        return new Header(name.getBytes(StandardCharsets.UTF_8), type);
    }

    /** One header block. */
    public static final class Header {
        private final byte[] block = new byte[512];

        Header(byte[] name, char type) {
            System.arraycopy(name, 0, block, 0, Math.min(100, name.length));
            text(100, "0000644\0" + "0000000\0" + "0000000\0" + "00000000000\0" + "00000000000\0");
            block[156] = (byte) type;
            text(257, "ustar\0" + "00");
        }

        Header size(long size) {
            return text(124, String.format("%011o\0", size));
        }

        Header mode(int mode) {
            return text(100, String.format("%07o\0", mode));
        }

        Header link(String target) {
            return text(157, target);
        }

        Header gnu() {
            return text(257, "ustar  \0");
        }

        Header v7() {
            return text(257, "\0\0\0\0\0\0\0\0");
        }

        Header text(int offset, String text) {
            return put(offset, text.getBytes(StandardCharsets.UTF_8));
        }

        Header latin(int offset, String text) {
            return put(offset, text.getBytes(StandardCharsets.ISO_8859_1));
        }

        Header put(int offset, byte[] bytes) {
            System.arraycopy(bytes, 0, block, offset, bytes.length);
            return this;
        }

        byte[] bytes() {
            int sum = 8 * ' ';
            for (int i = 0; i < 512; i++) {
                sum += i >= 148 && i < 156 ? 0 : block[i] & 0xff;
            }
            text(148, String.format("%06o\0 ", sum));
            return block.clone();
        }
    }

    /** How an archive is compressed, by other code than ours. */
    enum Packing {
        PLAIN,
        GZIP,
        BZIP2,
        XZ,
        ZSTD;

        byte[] pack(byte[] bytes) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = open(packed)) {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return packed.toByteArray();
        }

        private OutputStream open(OutputStream out) throws IOException {
            return switch (this) {
                case PLAIN -> out;
                case GZIP -> new GZIPOutputStream(out);
                case BZIP2 -> new BZip2CompressorOutputStream(out, 1);
                case XZ -> new XZOutputStream(out, new LZMA2Options(1));
                case ZSTD -> new ZstdOutputStream(out).setChecksum(true);
            };
        }
    }
}
