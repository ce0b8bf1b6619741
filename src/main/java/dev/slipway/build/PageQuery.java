package dev.slipway.build;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The SQL of one page of a list: the numbers of its builds, the newest first. Each kind of it is written so that only one
 * index fits, since how the builds that are asked for are spread over the others is not what a planner can know.
 */
record PageQuery(String sql, Map<String, Object> parameters) {
    private static final String OF_ALL = "select b.number from build b where %s order by %s b.number desc limit :limit";
    /** A build may have several targets of an image without a tag. */
    private static final String OF_IMAGE = """
            select distinct t.build_number from build_target t %s
            where t.%s = :image and t.build_number < :below order by t.build_number desc limit :limit
            """;

    static PageQuery of(BuildFilter filter) {
        Map<String, Object> parameters = new HashMap<>(Map.of("below", filter.below(), "limit", filter.limit()));
        filter.status().ifPresent(status -> parameters.put("status", status.name()));
        filter.origin().ifPresent(origin -> parameters.put("origin", origin));
        filter.image().ifPresent(image -> parameters.put("image", image));
        return new PageQuery(filter.image().isPresent() ? ofImage(filter) : ofAll(filter), parameters);
    }

    private static String ofAll(BuildFilter filter) {
        List<String> conditions = new ArrayList<>(List.of("b.number < :below"));
        filter.origin().ifPresent(origin -> conditions.add("b.origin = :origin"));
        filter.status().ifPresent(status -> conditions.add(condition(status)));
        boolean ended = filter.status().filter(BuildStatus::isFinal).isPresent();
        return OF_ALL.formatted(String.join(" and ", conditions), ended ? "b.status desc," : "");
    }

    /** What has ended is a range of its index, not an equation: else all builds might be searched for a rare status. */
    private static String condition(BuildStatus status) {
        return switch (status) {
            case QUEUED -> "b.status = :status and " + QueueRepository.WAITING;
            case RUNNING -> "b.status = :status and " + QueueRepository.LEASED;
            case SUCCEEDED, FAILED, CANCELLED ->
                "b.finished_at is not null and (b.status, b.number) >= (:status, 0)"
                        + " and (b.status, b.number) < (:status, :below)";
        };
    }

    private static String ofImage(BuildFilter filter) {
        StringBuilder join = new StringBuilder();
        if (filter.status().isPresent() || filter.origin().isPresent()) {
            join.append("join build b on b.id = t.build_id");
            filter.status().ifPresent(status -> join.append(" and b.status = :status"));
            filter.origin().ifPresent(origin -> join.append(" and b.origin = :origin"));
        }
        String key = isTagged(filter.image().orElseThrow()) ? "image" : "repository";
        return OF_IMAGE.formatted(join, key);
    }

    private static boolean isTagged(String image) {
        return image.substring(image.lastIndexOf('/') + 1).contains(":");
    }
}
