package dev.slipway.joblog;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The pages read last, for followers that are not far behind each other. Lines never change, so none grows stale. */
final class PageCache {
    private static final int PAGES = 16;

    private record Place(UUID build, long after) {}

    private final Map<Place, LogPage> pages = new LinkedHashMap<>(PAGES, 0.75f, true);

    synchronized LogPage find(UUID build, long after) {
        return pages.get(new Place(build, after));
    }

    synchronized void keep(UUID build, long after, LogPage page) {
        pages.put(new Place(build, after), page);
        if (pages.size() > PAGES) {
            pages.remove(pages.keySet().iterator().next());
        }
    }
}
