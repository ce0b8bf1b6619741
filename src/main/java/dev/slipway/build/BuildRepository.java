package dev.slipway.build;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;

/** Reads builds. */
@ApplicationScoped
class BuildRepository implements PanacheRepositoryBase<Build, UUID> {
    /** Counts from the queue's front to the last of the builds that are asked for, once for all of them. */
    private static final String POSITIONS = """
            select id, position from (
                select id, row_number() over (order by queued_at, number) as position from build
                where %s and (queued_at, number) <= (
                    select queued_at, number from build where status = 'QUEUED' and id in (:ids)
                    order by queued_at desc, number desc limit 1)
            ) as waiting where id in (:ids)
            """.formatted(QueueRepository.WAITING);

    private final StepRepository steps;
    private final TargetRepository targets;

    BuildRepository(StepRepository steps, TargetRepository targets) {
        this.steps = steps;
        this.targets = targets;
    }

    @ApplicationScoped
    static class StepRepository implements PanacheRepositoryBase<BuildStep, BuildStep.Key> {}

    @ApplicationScoped
    static class TargetRepository implements PanacheRepositoryBase<BuildTarget, BuildTarget.Key> {}

    Uni<Build> byReference(BuildReference reference) {
        return switch (reference) {
            case BuildReference.ById(UUID id) -> findById(id);
            case BuildReference.ByNumber(long number) -> find("number", number).firstResult();
        };
    }

    /**
     * A page of builds below the {@code filter}'s cursor, the newest first: one range of one index, however many builds
     * there are.
     */
    Uni<List<Build>> page(BuildFilter filter) {
        PageQuery query = PageQuery.of(filter);
        return getSession()
                .chain(session -> {
                    var numbers = session.createNativeQuery(query.sql(), Long.class);
                    query.parameters().forEach(numbers::setParameter);
                    return numbers.getResultList();
                })
                .chain(numbers -> list("number in ?1 order by number desc", numbers));
    }

    /** Adds to builds what belongs to them: two queries, however many builds. */
    Uni<List<BuildView>> complete(List<Build> builds) {
        if (builds.isEmpty()) {
            return Uni.createFrom().item(List.of());
        }
        List<UUID> ids = builds.stream().map(build -> build.id).toList();
        // one session runs one query at a time
        return targets.list("key.buildId in ?1 order by key.position", ids)
                .chain(allTargets -> steps.list("key.buildId in ?1 order by key.attempt, key.position", ids)
                        .chain(allSteps -> queuePositions(builds).map(positions -> {
                            Map<UUID, List<BuildTarget>> byTarget =
                                    allTargets.stream().collect(Collectors.groupingBy(target -> target.key.buildId()));
                            Map<UUID, List<BuildStep>> byStep =
                                    allSteps.stream().collect(Collectors.groupingBy(step -> step.key.buildId()));
                            return builds.stream()
                                    .map(build -> new BuildView(
                                            build,
                                            byTarget.getOrDefault(build.id, List.of()),
                                            byStep.getOrDefault(build.id, List.of()),
                                            positions.containsKey(build.id)
                                                    ? OptionalLong.of(positions.get(build.id))
                                                    : OptionalLong.empty()))
                                    .toList();
                        })));
    }

    private Uni<Map<UUID, Long>> queuePositions(List<Build> builds) {
        List<UUID> queued = builds.stream()
                .filter(build -> build.status == BuildStatus.QUEUED)
                .map(build -> build.id)
                .toList();
        if (queued.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return getSession()
                .chain(session -> session.createNativeQuery(POSITIONS, Object[].class)
                        .setParameter("ids", queued)
                        .getResultList())
                .map(rows -> rows.stream().collect(Collectors.toMap(row -> (UUID) row[0], row -> (Long) row[1])));
    }
}
