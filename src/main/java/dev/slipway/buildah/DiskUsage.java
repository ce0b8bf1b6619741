package dev.slipway.buildah;

import dev.slipway.process.Tool;
import dev.slipway.process.ToolResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Measures trees in which files belong to sub-uids of ours; in no hurry, and also while somebody writes there. */
final class DiskUsage {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Pattern LINE = Pattern.compile("(?m)^([0-9]+)\t(/.*)$");

    private DiskUsage() {}

    static StoreUsage of(Store store) {
        return new StoreUsage(bytes(store.storage()) + bytes(store.blobCache()), bytes(store.cacheMounts()));
    }

    private static long bytes(Path tree) {
        if (!Files.exists(tree)) {
            return 0;
        }
        List<String> argv = Sandbox.asRoot("nice", "-n", "19", "du", "-s", "--block-size=1", "--", tree.toString());
        // files that vanish meanwhile make it complain and fail, after it has said the sum
        ToolResult result = Tool.run(argv, Map.of(), new byte[0], PATIENCE);
        Matcher line = LINE.matcher(result.output());
        long bytes = -1;
        while (line.find()) {
            bytes = Long.parseLong(line.group(1));
        }
        if (bytes < 0) {
            throw new SandboxException("tried to measure " + tree + " but " + result.failure());
        }
        return bytes;
    }
}
