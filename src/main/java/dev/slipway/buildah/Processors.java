package dev.slipway.buildah;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The machine's processors that we may use, dealt out in turns. */
final class Processors {
    private static final String ALLOWED = "Cpus_allowed_list:";
    private static final AtomicInteger NEXT = new AtomicInteger();

    private Processors() {}

    /** Some of them, as a list for taskset; others than the last time where there are others. */
    static String some(int count) {
        List<Integer> all = parse(allowed());
        int wanted = Math.min(count, all.size());
        int first = Math.floorMod(NEXT.getAndAdd(wanted), all.size());
        return IntStream.range(first, first + wanted)
                .mapToObj(i -> all.get(i % all.size()).toString())
                .collect(Collectors.joining(","));
    }

    private static String allowed() {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(ALLOWED))
                    .map(line -> line.substring(ALLOWED.length()).strip())
                    .findFirst()
                    .orElse("0");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A list as the kernel writes it: {@code 0-3,8}. */
    static List<Integer> parse(String list) {
        List<Integer> numbers = new ArrayList<>();
        for (String range : list.split(",")) {
            String[] ends = range.split("-");
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
                numbers.add(i);
            }
        }
        return numbers;
    }
}
