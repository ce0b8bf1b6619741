package dev.slipway.buildah;

import dev.slipway.process.Command;
import dev.slipway.process.Delegation;
import dev.slipway.process.Killer;
import dev.slipway.process.OutputSink;
import dev.slipway.process.ProcessCommandRunner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A program for machines that a test makes: a shell script in a sandbox, once for each network. */
final class OpenedSandbox {
    private static final Duration LONG = Duration.ofSeconds(60);

    private OpenedSandbox() {}

    /** DIRECTORY SCRIPT, then for each sandbox its network and the networks it is allowed besides, with commas. */
    public static void main(String... arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        SandboxFiles.write(directory.resolve("etc"), Set.of());
        for (int i = 2; i < arguments.length; i++) {
            String[] words = arguments[i].split(",");
            Set<Cidr> allowed = List.of(words).stream().skip(1).map(Cidr::parse).collect(Collectors.toSet());
            Sandbox.Layout layout = new Sandbox.Layout(
                    List.of(), Network.valueOf(words[0]), allowed, Optional.empty(), Delegation.none("not asked for"));
            Path work = Files.createDirectories(directory.resolve("work-" + i));
            try (Sandbox sandbox = Sandbox.open(
                    new ProcessCommandRunner(), work, directory.resolve("etc"), layout, LONG, new Killer())) {
                for (String line : run(sandbox, arguments[1]).lines().toList()) {
                    System.out.println(arguments[i] + " " + line);
                }
            }
        }
    }

    private static String run(Sandbox sandbox, String script) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Command command = Command.of(LONG, List.of("sh", "-c", script)).withEnvironment(Sandbox.environment());
        sandbox.run(command, (stream, buffer, length) -> {
            if (stream == OutputSink.Stream.STDOUT) {
                said.write(buffer, 0, length);
            }
        });
        return said.toString(StandardCharsets.UTF_8);
    }
}
