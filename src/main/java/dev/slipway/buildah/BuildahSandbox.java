package dev.slipway.buildah;

import dev.slipway.image.ImageReference;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.process.Command;
import dev.slipway.process.CommandResult;
import dev.slipway.process.ControlGroup;
import dev.slipway.process.OutputSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** buildah's commands in one sandbox. All of them block until the command ended; closing kills what still runs. */
public final class BuildahSandbox implements AutoCloseable {
    private static final int MAX_SHORT_FILE = 512;
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final Sandbox sandbox;
    private final Arguments arguments;
    private final Path out;
    private final Duration stepTimeout;
    private final Set<String> loggedIn = new HashSet<>();

    BuildahSandbox(Sandbox sandbox, Arguments arguments, Path out, Duration stepTimeout) {
        this.sandbox = sandbox;
        this.arguments = arguments;
        this.out = out;
        this.stepTimeout = stepTimeout;
    }

    /** Logs in to a registry; what it answers stays in this sandbox's memory. */
    public CommandResult login(RegistryCredentials credentials, OutputSink sink) {
        Command command = command(arguments.login(credentials.registry(), credentials.username()), stepTimeout)
                .withStdin(credentials.password().reveal().getBytes(StandardCharsets.UTF_8));
        CommandResult result = sandbox.run(command, sink);
        if (result.succeeded()) {
            loggedIn.add(credentials.registry());
        }
        return result;
    }

    /** Whether {@link #login} succeeded here for a registry. */
    public boolean isLoggedIn(String registry) {
        return loggedIn.contains(registry);
    }

    /** Fetches a base image into the store; without {@code always} only where it is missing. */
    public CommandResult pull(ImageReference image, boolean always, Optional<String> platform, OutputSink sink) {
        return run(arguments.pull(image, always, platform, isLoggedIn(image.registry())), stepTimeout, sink);
    }

    /** Builds the image; {@link #imageId()} then says which. */
    public CommandResult bud(Bud bud, Duration timeout, OutputSink sink) {
        return run(arguments.bud(bud), timeout, sink);
    }

    /**
     * The image that {@link #bud} made, as {@code sha256:…}. Ask once this is closed: until then a process that a RUN
     * step left behind may still be at work.
     */
    public String imageId() {
        return shortFile("image-id");
    }

    /** Gives an image of the store a name. */
    public CommandResult tag(String imageId, String name, OutputSink sink) {
        return run(arguments.tag(imageId, name), stepTimeout, sink);
    }

    /** Sends an image to a registry; {@link #digest()} then says what the registry calls it. */
    public CommandResult push(String imageId, ImageReference target, OutputSink sink) {
        try {
            Files.deleteIfExists(out.resolve("digest"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return run(arguments.push(imageId, target, isLoggedIn(target.registry())), stepTimeout, sink);
    }

    /** The digest of the manifest that {@link #push} sent last. */
    public String digest() {
        return shortFile("digest");
    }

    /** Writes an image of the store to the stage. */
    public CommandResult saveStage(String imageId, OutputSink sink) {
        return run(arguments.saveStage(imageId), stepTimeout, sink);
    }

    /** Reads the image of the stage into the store. */
    public CommandResult loadStage(OutputSink sink) {
        return run(arguments.loadStage(), stepTimeout, sink);
    }

    /** Whether the store can be read; removes the working containers that a killed attempt left in it. */
    public boolean repair(OutputSink sink) {
        return run(arguments.removeContainers(), stepTimeout, sink).succeeded()
                && run(arguments.images(), stepTimeout, sink).succeeded();
    }

    /** The images of the store that have a name, or that no other image was made from. */
    public List<StoredImage> leafImages() {
        return StoredImage.parse(said(arguments.leafImages()));
    }

    /** How many images there are, with those that others were made from. */
    public int countImages() {
        return (int) said(arguments.images()).lines().distinct().count();
    }

    /** Removes images, whatever their names, and those that only they were made from. */
    public CommandResult removeImages(List<String> ids) {
        return run(arguments.removeImages(ids), stepTimeout, OutputSink.DISCARD);
    }

    private String said(List<String> argv) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        OutputSink sink = (stream, bytes, length) -> {
            if (stream == OutputSink.Stream.STDOUT) {
                said.write(bytes, 0, length);
            }
        };
        CommandResult result = run(argv, stepTimeout, sink);
        if (!result.succeeded()) {
            throw new SandboxException("tried to list the images of a store but " + result);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    /** Whether commands can still run here: one that ran too long took its sandbox with it. */
    public boolean isOpen() {
        return sandbox.isOpen();
    }

    /** Whether a command really runs here; slower and surer than {@link #isOpen()}. */
    public boolean answers() {
        return isOpen() && run(List.of("true"), ANSWER, OutputSink.DISCARD).succeeded();
    }

    /** The PID namespace of its processes. */
    public String namespace() {
        return sandbox.namespace();
    }

    /** What the kernel has refused its processes, or killed them for; known only where it has a control group. */
    public Optional<ControlGroup.Refusal> refusal() {
        return sandbox.refusal();
    }

    /** Kills whatever runs inside, without waiting for its end. */
    public void end() {
        sandbox.end();
    }

    /** Says that the attempt's owner is alive. */
    public void heartbeat() {
        sandbox.heartbeat();
    }

    @Override
    public void close() {
        sandbox.close();
    }

    private CommandResult run(List<String> argv, Duration timeout, OutputSink sink) {
        return sandbox.run(command(argv, timeout), sink);
    }

    private static Command command(List<String> argv, Duration timeout) {
        return Command.of(timeout, argv).withEnvironment(Sandbox.environment());
    }

    /** A digest that a command wrote for us. Nothing there is trusted: it may be a FIFO that would hold us for ever. */
    private String shortFile(String name) {
        Path file = out.resolve(name);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("it is no regular file");
            }
            try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                String text = new String(in.readNBytes(MAX_SHORT_FILE), StandardCharsets.UTF_8).strip();
                if (!DIGEST.matcher(text).matches()) {
                    throw new IOException("it is no digest");
                }
                return text;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "tried to read what buildah wrote to " + name + " but it failed: " + e.getMessage(), e);
        }
    }
}
