package dev.slipway.worker;

import dev.slipway.build.BuildQueue;
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
    private final BuildQueue queue;
    private final Sources sources;
    private final Fetcher fetcher;

    SourceFetch(RunningAttempt attempt, StepRunner steps, BuildQueue queue, Sources sources, Fetcher fetcher) {
        this.attempt = attempt;
        this.steps = steps;
        this.queue = queue;
        this.sources = sources;
        this.fetcher = fetcher;
    }

    /**
     * Fetches, stores and records it.
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
            StoredSource stored =
                    fetcher.fetch(url, (body, length) -> store(body, length, layout, policy), steps::say, stop);
            record(stored);
            steps.say("fetched " + stored.size() + " bytes, sha256 " + stored.sha256());
            return stored;
        } finally {
            attempt.killer().forget(victim);
        }
    }

    private StoredSource store(InputStream body, OptionalLong length, Layout layout, Consumer<Dockerfile> policy)
            throws IOException {
        try (SourceDraft draft = sources.draftOfWorker(id())) {
            length.ifPresent(draft::announce);
            draft.archive(body);
            StoredSource stored = draft.finish(layout);
            policy.accept(stored.dockerfile());
            steps.checkNotStopped();
            // after a long pause another attempt may have a source there; a renewed lease keeps others away meanwhile
            steps.checkHeld(queue.renew(attempt.claim()));
            // what a worker stored that died before it could say so: nobody knows any more what it is
            sources.delete(id());
            draft.keep();
            return stored;
        }
    }

    private void record(StoredSource stored) {
        boolean held = queue.fetched(attempt.claim(), stored.size(), stored.sha256());
        if (!held && !queue.exists(id())) {
            dropOrphan();
        }
        steps.checkHeld(held);
    }

    /** Who deleted the build removed its source too, but that was before this one came. */
    private void dropOrphan() {
        try {
            sources.delete(id());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UUID id() {
        return attempt.claim().id();
    }
}
