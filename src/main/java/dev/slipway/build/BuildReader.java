package dev.slipway.build;

import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Reads builds with all that belongs to them, in a session of its own. */
@ApplicationScoped
class BuildReader {
    private final BuildRepository repository;

    BuildReader(BuildRepository repository) {
        this.repository = repository;
    }

    @WithSession
    Uni<Optional<BuildView>> find(BuildReference reference) {
        return repository
                .byReference(reference)
                .chain(build -> repository.complete(build == null ? List.of() : List.of(build)))
                .map(views -> views.stream().findFirst());
    }

    @WithSession
    Uni<List<BuildView>> list(BuildFilter filter) {
        return repository.page(filter).chain(repository::complete);
    }

    @WithSession
    Uni<List<Build>> rows(BuildFilter filter) {
        return repository.page(filter);
    }
}
