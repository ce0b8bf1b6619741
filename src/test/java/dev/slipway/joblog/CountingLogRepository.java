package dev.slipway.joblog;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** The repository, with a count of the pages that readers made it read. */
@Alternative
@Singleton
public class CountingLogRepository extends LogRepository {
    private final AtomicLong pages = new AtomicLong();

    CountingLogRepository(Pool pool) {
        super(pool);
    }

    @Override
    Uni<Stored> page(UUID build, long after) {
        return super.page(build, after).onSubscription().invoke(pages::incrementAndGet);
    }

    long pages() {
        return pages.get();
    }
}
