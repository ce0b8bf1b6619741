package dev.slipway.build;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Collectors;

/** Reads builds. */
@ApplicationScoped
class BuildRepository implements PanacheRepositoryBase<Build, UUID> {
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

    /** A page of builds below the {@code filter}'s cursor, the newest first. */
    Uni<List<Build>> page(BuildFilter filter) {
        List<String> conditions = new ArrayList<>(List.of("number < :cursor"));
        Map<String, Object> parameters = new HashMap<>(Map.of("cursor", filter.below()));
        filter.status().ifPresent(status -> {
            conditions.add("status = :status");
            parameters.put("status", status);
        });
        filter.origin().ifPresent(origin -> {
            conditions.add("origin = :origin");
            parameters.put("origin", origin);
        });
        filter.image().ifPresent(image -> {
            // a name without a tag stands for all its tags
            conditions.add("id in (select t.key.buildId from BuildTarget t where t.image = :image"
                    + " or t.image like concat(:prefix, ':%') escape '\\')");
            parameters.put("image", image);
            parameters.put(
                    "prefix", image.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"));
        });
        return find(String.join(" and ", conditions) + " order by number desc", parameters)
                .page(0, filter.limit())
                .list();
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
                .chain(session -> session.createQuery("""
                                select b.id, (select count(*) from Build a where a.status = 'QUEUED'
                                    and (a.queuedAt < b.queuedAt or a.queuedAt = b.queuedAt and a.number <= b.number))
                                from Build b where b.id in :ids and b.status = 'QUEUED'
                                """, Object[].class)
                        .setParameter("ids", queued)
                        .getResultList())
                .map(rows -> rows.stream().collect(Collectors.toMap(row -> (UUID) row[0], row -> (Long) row[1])));
    }
}
