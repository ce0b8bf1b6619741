package dev.slipway.worker;

import dev.slipway.fetch.Fetcher;
import dev.slipway.fetch.SourceUrl;
import dev.slipway.source.Dockerfile;
import dev.slipway.source.Layout;
import dev.slipway.source.SourceDraft;
import dev.slipway.source.Sources;
import dev.slipway.source.StoredSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The FETCH step: what the build's URL gives becomes its source, judged like one that was handed in. */
final class SourceFetch {
    private final RunningAttempt attempt;
    private final StepRunner steps;
    private final Sources sources;
    private final Fetcher fetcher;

    SourceFetch(RunningAttempt attempt, StepRunner steps, Sources sources, Fetcher fetcher) {
        this.attempt = attempt;
        this.steps = steps;
        this.sources = sources;
        this.fetcher = fetcher;
    }

    /**
     * Fetches and stores it.
     *
     * @param policy refuses a Dockerfile that may not be built
     */
    StoredSource run(Layout layout, Consumer<Dockerfile> policy) {
        SourceUrl url = SourceUrl.parse(
                "tar_url", attempt.build().source().toFetch().orElseThrow().reveal());
        CompletableFuture<Void> stop = new CompletableFuture<>();
        Runnable victim = () -> stop.complete(null);
        attempt.killer().onKill(victim);
        try {
            dropUnrecorded();
            StoredSource stored =
                    fetcher.fetch(url, (body, length) -> store(body, length, layout, policy), steps::say, stop);
            steps.say("fetched " + stored.size() + " bytes, sha256 " + stored.sha256());
            return stored;
        } finally {
            attempt.killer().forget(victim);
        }
    }

    /** What a worker stored that died before it could say so: nobody knows any more what it is. */
    private void dropUnrecorded() {
        try {
            sources.delete(id());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StoredSource store(InputStream body, OptionalLong length, Layout layout, Consumer<Dockerfile> policy)
            throws IOException {
        try (SourceDraft draft = sources.draft(id())) {
            length.ifPresent(draft::announce);
            draft.archive(body);
            StoredSource stored = draft.finish(layout);
            policy.accept(stored.dockerfile());
            steps.checkNotStopped();
            if (sources.exists(id())) {
                throw new AttemptEndedException(
                        "another attempt, whose lease is over, has stored the source meanwhile");
            }
            draft.keep();
            return stored;
        }
    }

    private UUID id() {
        return attempt.claim().id();
    }
}
