package dev.slipway.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What an attacker or a broken disk does to a tar: one to four changes, headers with a checksum that is right again or not. */
final class TarMutation {
    private static final int[][] FIELDS = {
        {0, 100},
        {100, 8},
        {108, 8},
        {124, 12},
        {124, 12},
        {124, 12},
        {136, 12},
        {148, 8},
        {156, 1},
        {156, 1},
        {157, 100},
        {257, 8},
        {345, 155},
        {386, 12},
        {398, 12},
        {410, 12},
        {482, 1},
        {483, 12}
    };
    private static final String[] NUMBERS = {
        "",
        "-1",
        "0",
        "1",
        "511",
        "512",
        "513",
        "1048576",
        "8589934592",
        "9223372036854775807",
        "18446744073709551617",
        "999999999999999999",
        "1e9",
        "0x10",
        " 7",
        "+7",
        "7 ",
        "1.5",
        "-1.75",
        "99999999999999.9",
        "\u0661"
    };
    private static final String TYPES = "0123456789SLKxgVDMNAXZ\0\u007f\u00ff";

    private final Random random;
    private final List<String> names;
    private final List<Integer> headers;
    private byte[] bytes;

    /** Changes {@code tar}, whose headers stand at {@code headers}; new names come from {@code names}. */
    private TarMutation(Random random, RandomTar tar, List<String> names) {
        this.random = random;
        this.names = names;
        headers = new ArrayList<>(tar.headers());
        bytes = tar.bytes();
    }

    /** A changed tar. */
    static byte[] of(Random random, RandomTar tar, List<String> names) {
        TarMutation mutation = new TarMutation(random, tar, names);
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            mutation.mutate(tar);
        }
        return mutation.bytes;
    }

    private void mutate(RandomTar tar) {
        switch (random.nextInt(16)) {
            case 0 -> flip(random.nextInt(Math.max(1, bytes.length)));
            case 1, 2 -> flip(header() + random.nextInt(512));
            case 3, 4, 5, 6 -> field();
            case 7 -> bytes = Arrays.copyOf(bytes, cut());
            case 8 -> bytes = join(bytes, random.nextBoolean() ? new byte[random.nextInt(2000)] : noise());
            case 9 -> bytes = join(bytes, tar.bytes());
            case 10 -> splice();
            case 11 -> insert(header(), noise());
            case 12, 13 -> insert(header(), records());
            case 14 -> insert(header(), longName());
            default -> copyBlock();
        }
    }

    private int header() {
        return headers.get(random.nextInt(headers.size()));
    }

    private int cut() {
        int any = random.nextInt(bytes.length + 1);
        return random.nextBoolean() ? any : any & ~511;
    }

    private void flip(int at) {
        if (at < bytes.length) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            sum(at & ~511);
        }
    }

    private void field() {
        int header = header();
        int[] field = FIELDS[random.nextInt(FIELDS.length)];
        int at = header + field[0];
        if (header + 512 > bytes.length) {
            return;
        }
        byte[] value = field[1] == 12 || field[1] == 8 ? number(field[1]) : text(field[1]);
        Arrays.fill(bytes, at, at + field[1], (byte) 0);
        System.arraycopy(value, 0, bytes, at, Math.min(field[1], value.length));
        sum(header);
    }

    private byte[] number(int length) {
        byte[] value = new byte[length];
        switch (random.nextInt(7)) {
            case 0 -> random.nextBytes(value);
            case 1 -> Arrays.fill(value, (byte) 0xff);
            case 2 -> {
                random.nextBytes(value);
                value[0] = (byte) 0x80;
            }
            case 3 -> {
                value[0] = (byte) 0x80;
                value[length - 1 - random.nextInt(length - 1)] = (byte) random.nextInt(256);
            }
            case 4 -> value = "777777777777".substring(0, length).getBytes(StandardCharsets.US_ASCII);
            case 5 ->
                value = String.format("%0" + (length - 1) + "o", random.nextInt(5000))
                        .getBytes(StandardCharsets.US_ASCII);
            default -> value = NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.UTF_8);
        }
        return value;
    }

    private byte[] text(int length) {
        if (length == 1) {
            return new byte[] {(byte) TYPES.charAt(random.nextInt(TYPES.length()))};
        }
        return name().getBytes(random.nextInt(8) == 0 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
    }

    private String name() {
        return names.get(random.nextInt(names.size()));
    }

    private byte[] noise() {
        byte[] noise = new byte[random.nextBoolean() ? 512 : random.nextInt(1500)];
        random.nextBytes(noise);
        return noise;
    }

    private void insert(int at, byte[] inserted) {
        int where = Math.min(at, bytes.length);
        bytes = join(Arrays.copyOf(bytes, where), inserted, Arrays.copyOfRange(bytes, where, bytes.length));
    }

    private void splice() {
        int to = cut() & ~511;
        int from = cut() & ~511;
        bytes = join(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private void copyBlock() {
        int from = cut() & ~511;
        if (from + 512 <= bytes.length) {
            insert(cut() & ~511, Arrays.copyOfRange(bytes, from, from + 512));
        }
    }

    private byte[] longName() {
        String name = random.nextInt(20) == 0 ? "x/".repeat(random.nextInt(5000)) : name();
        return new Tar().longName(random.nextBoolean() ? 'L' : 'K', name).bytes();
    }

    /** PAX records that lie, contradict each other, or have no form at all. */
    private byte[] records() {
        List<String> records = new ArrayList<>();
        for (int left = 1 + random.nextInt(5); left > 0; left--) {
            String number = NUMBERS[random.nextInt(NUMBERS.length)];
            records.add(
                    switch (random.nextInt(13)) {
                        case 0, 1 -> "path=" + name();
                        case 2 -> "linkpath=" + name();
                        case 3, 4 -> "size=" + number;
                        case 5 -> "mtime=" + number;
                        case 6 -> "GNU.sparse.name=" + name();
                        case 7 -> "GNU.sparse.major=" + number;
                        case 8 -> "GNU.sparse.map=" + number + "," + number + ",4,5";
                        case 9 -> "GNU.sparse.offset=" + number;
                        case 10 -> "GNU.sparse.numbytes=" + number;
                        case 11 -> "GNU.sparse.size=" + number;
                        default -> "GNU.sparse.realsize=" + number;
                    });
        }
        byte[] made = new Tar()
                .meta(random.nextInt(6) == 0 ? 'g' : 'x', records.toArray(new String[0]))
                .bytes();
        if (random.nextInt(4) == 0) {
            made[512 + random.nextInt(made.length - 512)] = (byte) "0123456789 =\n\0-".charAt(random.nextInt(15));
        }
        return made;
    }

    // Mostly the checksum is put right, or nothing but checksums would be tested.
    private void sum(int header) {
        if (header + 512 > bytes.length || !headers.contains(header) || random.nextInt(10) == 0) {
            return;
        }
        Arrays.fill(bytes, header + 148, header + 156, (byte) ' ');
        int sum = 0;
        for (int i = header; i < header + 512; i++) {
            sum += bytes[i] & 0xff;
        }
        System.arraycopy(String.format("%06o\0", sum).getBytes(StandardCharsets.US_ASCII), 0, bytes, header + 148, 7);
    }

    private static byte[] join(byte[]... parts) {
        return ArchiveRefusalTest.join(parts);
    }
}
