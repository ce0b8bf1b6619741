package dev.slipway.worker;

import dev.slipway.build.BuildOptions;
import dev.slipway.build.BuildOutcome;
import dev.slipway.build.BuildQueue;
import dev.slipway.build.ClaimedBuild;
import dev.slipway.build.Step;
import dev.slipway.buildah.Bud;
import dev.slipway.buildah.Buildah;
import dev.slipway.buildah.BuildahSandbox;
import dev.slipway.error.ErrorCode;
import dev.slipway.fetch.Fetcher;
import dev.slipway.image.ImageReference;
import dev.slipway.image.Registries;
import dev.slipway.image.RegistryCredentials;
import dev.slipway.process.CommandResult;
import dev.slipway.process.OutputSink;
import dev.slipway.source.Dockerfile;
import dev.slipway.source.Layout;
import dev.slipway.source.Platform;
import dev.slipway.source.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/** The recipe: how one attempt turns a source into pushed images, a line per step. */
final class BuildExecutor {
    private static final String CACHE_NAME = "localhost/slipway/cache:";

    private final RunningAttempt attempt;
    private final ClaimedBuild build;
    private final StepRunner steps;
    private final RegistryCalls registries;
    private final Slot slot;
    private final Workspace workspace;
    private final Tools tools;

    /** What an executor works with, the same for every attempt. */
    record Tools(
            BuildQueue queue,
            Sources sources,
            Buildah buildah,
            Registries registries,
            Fetcher fetcher,
            Duration silence,
            Duration buildTimeout,
            RetryPolicy registryRetries) {}

    BuildExecutor(RunningAttempt attempt, StepRunner steps, Slot slot, Workspace workspace, Tools tools) {
        this.attempt = attempt;
        this.build = attempt.build();
        this.steps = steps;
        this.registries = new RegistryCalls(steps, tools.registryRetries());
        this.slot = slot;
        this.workspace = workspace;
        this.tools = tools;
    }

    /** Runs the attempt to its end; nothing of it runs any more when this returns or throws. */
    BuildOutcome run() {
        if (build.staged().isPresent()) {
            return pushFromStage(build.staged().get());
        }
        if (build.source().toFetch().isPresent()) {
            SourceFetch fetch = new SourceFetch(attempt, steps, tools.queue(), tools.sources(), tools.fetcher());
            steps.run(Step.FETCH, ErrorCode.FETCH_FAILED, () -> fetch.run(layout(), this::bases));
        }
        try (SandboxAhead ahead = SandboxAhead.begin(() -> openBuild(0))) {
            Dockerfile dockerfile = steps.run(Step.UNPACK, ErrorCode.UNPACK_FAILED, this::unpack);
            List<ImageReference> bases = bases(dockerfile);
            if (!bases.isEmpty()) {
                steps.run(Step.PULL, ErrorCode.PULL_FAILED, () -> pull(bases));
                bases.forEach(base -> slot.uses().used(base.toString()));
            }
            return buildAndPush(dockerfile, ahead);
        }
    }

    private BuildOutcome buildAndPush(Dockerfile dockerfile, SandboxAhead ahead) {
        try (SandboxAhead firstPush = SandboxAhead.begin(() -> openPush(0, Optional.empty()))) {
            String imageId = steps.run(Step.BUILD, ErrorCode.BUILD_FAILED, () -> build(dockerfile, ahead));
            return push(imageId, firstPush);
        }
    }

    private Dockerfile unpack() {
        return tools.sources().unpack(build.claim().id(), layout(), workspace.context());
    }

    private Layout layout() {
        BuildOptions options = build.options();
        return new Layout(
                options.context(), options.dockerfilePath(), build.source().stripRoot());
    }

    private List<ImageReference> bases(Dockerfile dockerfile) {
        BuildOptions options = build.options();
        return dockerfile.images(options.buildArgs(), options.target(), Platform.of(options.platform())).stream()
                .map(ImageReference::base)
                .distinct()
                .toList();
    }

    private Void pull(List<ImageReference> bases) {
        try (OpenSandbox open = open(tools.buildah().openPull(sandbox("pull")))) {
            Set<String> seen = new HashSet<>();
            for (ImageReference base : bases) {
                if (seen.add(base.registry())) {
                    credentials(base.registry()).ifPresent(c -> registries.login(open.sandbox(), c));
                }
                registries.run(
                        () -> open.sandbox()
                                .pull(
                                        base,
                                        build.options().pull(),
                                        build.options().platform(),
                                        steps.sink()),
                        open.sandbox(),
                        ErrorCode.PULL_FAILED,
                        "pull " + base);
            }
        }
        return null;
    }

    private String build(Dockerfile dockerfile, SandboxAhead ahead) {
        BuildOptions options = build.options();
        Bud bud = new Bud(
                options.context(),
                dockerfile.path(),
                options.buildArgs(),
                options.labels(),
                options.target(),
                options.platform(),
                options.noCache());
        BuildahSandbox built;
        CacheHits hits = new CacheHits(steps.sink());
        try (OpenSandbox open = ahead.take().orElseGet(() -> openBuild(1))) {
            Duration timeout = options.timeout().orElse(tools.buildTimeout());
            steps.check(
                    bud(open.sandbox(), bud, timeout, hits), open.sandbox(), ErrorCode.BUILD_FAILED, "build the image");
            built = open.sandbox();
        } finally {
            slot.used(hits.images());
        }
        String imageId = built.imageId();
        slot.uses().built(imageId, build.claim().id());
        steps.checkHeld(tools.queue().built(build.claim(), imageId));
        return imageId;
    }

    private CommandResult bud(BuildahSandbox sandbox, Bud bud, Duration timeout, OutputSink sink) {
        long began = System.nanoTime();
        CommandResult result = sandbox.bud(bud, timeout, sink);
        Duration left = timeout.minusNanos(System.nanoTime() - began);
        if (!steps.isSpuriousKill(result) || !left.isPositive() || !sandbox.answers()) {
            return result;
        }
        steps.checkNotStopped();
        steps.say("building again: buildah lost a process of its own");
        return sandbox.bud(bud, left, sink);
    }

    private BuildOutcome push(String imageId, SandboxAhead first) {
        Pusher pusher = new Pusher(attempt, steps, registries, tools.queue(), this::credentials);
        pushAll(pusher, imageId, false, number -> Optional.of(number)
                .filter(one -> one == 1)
                .flatMap(one -> first.take())
                .orElseGet(() -> openPush(number, Optional.empty())));
        if (pusher.failure().isPresent()) {
            saveStage(imageId);
        }
        return pusher.outcome(imageId);
    }

    /** What an earlier attempt made is only pushed: nothing that succeeded is done again. */
    private BuildOutcome pushFromStage(String imageId) {
        Pusher pusher = new Pusher(attempt, steps, registries, tools.queue(), this::credentials);
        pusher.beforePush(sandbox -> steps.check(
                sandbox.loadStage(steps.sink()), sandbox, ErrorCode.PUSH_FAILED, "read the image from its stage"));
        slot.uses().built(imageId, build.claim().id());
        Optional<Path> stage = Optional.of(stage());
        pushAll(pusher, imageId, true, number -> openPush(number, stage));
        return pusher.outcome(imageId);
    }

    /** A push that takes too long takes its sandbox with it; the targets after it get a new one. */
    private void pushAll(Pusher pusher, String imageId, boolean tagged, IntFunction<OpenSandbox> sandboxes) {
        List<ClaimedBuild.Target> left = build.targets();
        for (int number = 1; !left.isEmpty(); number++) {
            try (OpenSandbox open = sandboxes.apply(number)) {
                if (number == 1 && !tagged) {
                    steps.run(Step.TAG, ErrorCode.TAG_FAILED, () -> tag(open.sandbox(), imageId));
                }
                left = pusher.push(open.sandbox(), imageId, left);
            }
        }
    }

    /** A private name keeps the layers for the next build; the public ones never stand in the store. */
    private Void tag(BuildahSandbox sandbox, String imageId) {
        String name = CACHE_NAME + cacheTag();
        steps.check(sandbox.tag(imageId, name, steps.sink()), sandbox, ErrorCode.TAG_FAILED, "tag " + imageId);
        return null;
    }

    /** What could not be pushed waits where any slot of any replica can push it from. */
    private void saveStage(String imageId) {
        Path stage = stage();
        try (OpenSandbox open = open(tools.buildah().openPush(sandbox("stage"), Optional.of(stage)))) {
            steps.check(
                    open.sandbox().saveStage(imageId, steps.sink()),
                    open.sandbox(),
                    ErrorCode.PUSH_FAILED,
                    "keep the image for a retry");
        }
    }

    private Path stage() {
        try {
            return Files.createDirectories(tools.sources().stage(build.claim().id()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The request's own password is for its first target's registry; every other host has the configured one. */
    private Optional<RegistryCredentials> credentials(String registry) {
        return build.credentials()
                .filter(own -> own.registry().equals(registry))
                .or(() -> tools.registries().credentialsFor(registry));
    }

    private Buildah.Attempt sandbox(String name) {
        attempt.awaitHeld();
        steps.checkNotStopped();
        return new Buildah.Attempt(slot.store(), workspace.of(name), tools.silence(), attempt.killer());
    }

    private OpenSandbox open(BuildahSandbox sandbox) {
        return OpenSandbox.of(attempt, slot, sandbox);
    }

    private OpenSandbox openBuild(int number) {
        return open(tools.buildah().openBuild(sandbox("build-" + number), workspace.context()));
    }

    private OpenSandbox openPush(int number, Optional<Path> stage) {
        return open(tools.buildah().openPush(sandbox("push-" + number), stage));
    }

    private String cacheTag() {
        String what = slot.nameKey() + "\n" + build.repository() + "\n"
                + build.options().context().orElse("") + "\n"
                + build.options().dockerfilePath().orElse("") + "\n"
                + build.options().target().orElse("") + "\n"
                + build.options().platform().orElse("");
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(what.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
