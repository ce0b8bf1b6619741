package dev.slipway.worker;

import dev.slipway.buildah.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * When the images of a slot were used last, by name or by id, and which builds made them: the order in which they go. It is
 * kept beside them; where it is lost, the time of an image's making stands in.
 */
final class ImageUses {
    private static final Logger LOG = Logger.getLogger(ImageUses.class);
    /** Of an image that ever so many builds made again, the last few say whether it is still somebody's. */
    private static final int BUILDS = 16;
    /** More than any slot keeps: between two rounds of housekeeping a Dockerfile may name ever new bases. */
    private static final int MOST = 20_000;

    private final Path file;
    /** The one used longest ago comes first. */
    private final SequencedMap<String, Use> uses = new LinkedHashMap<>();

    /** The last use of an image, and the builds that made it. */
    private record Use(Instant last, List<UUID> builds) {
        static Use parse(String[] words) {
            List<UUID> builds = Stream.of(words).skip(2).map(UUID::fromString).toList();
            return new Use(Instant.ofEpochMilli(Long.parseLong(words[0])), builds);
        }

        String line(String image) {
            StringBuilder line =
                    new StringBuilder().append(last.toEpochMilli()).append(' ').append(image);
            builds.forEach(build -> line.append(' ').append(build));
            return line.toString();
        }
    }

    ImageUses(Path directory) {
        this.file = directory.resolve("uses");
        try {
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file)) {
                    String[] words = line.split(" ");
                    note(words[1], Use.parse(words));
                }
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.debugf("%s cannot be read: %s", file, e.getMessage());
        }
    }

    /** A build used an image: as its base, or out of the cache. */
    synchronized void used(String image) {
        note(image, new Use(Instant.now(), buildsOf(image)));
    }

    private void note(String image, Use use) {
        uses.putLast(image, use);
        if (uses.size() > MOST) {
            uses.pollFirstEntry();
        }
    }

    /** A build made an image, or found that it was made before. */
    synchronized void built(String digest, UUID build) {
        String imageId = digest.replaceFirst("^sha256:", "");
        List<UUID> builds = new ArrayList<>(buildsOf(imageId));
        builds.remove(build);
        builds.add(build);
        note(
                imageId,
                new Use(
                        Instant.now(),
                        List.copyOf(builds.subList(Math.max(0, builds.size() - BUILDS), builds.size()))));
    }

    /** The builds that made the images. */
    synchronized Set<UUID> builds() {
        Set<UUID> all = new HashSet<>();
        uses.values().forEach(use -> all.addAll(use.builds()));
        return all;
    }

    private List<UUID> buildsOf(String image) {
        Use use = uses.get(image);
        return use == null ? List.of() : use.builds();
    }

    /** Forgets builds that are gone, but where an image would be left without any: those are the images it returns. */
    synchronized List<String> forget(Set<UUID> gone) {
        List<String> ofNobody = new ArrayList<>();
        uses.entrySet().forEach(entry -> {
            Use use = entry.getValue();
            List<UUID> left =
                    use.builds().stream().filter(build -> !gone.contains(build)).toList();
            if (!left.isEmpty()) {
                entry.setValue(new Use(use.last(), left));
            } else if (!use.builds().isEmpty()) {
                ofNobody.add(entry.getKey());
            }
        });
        return ofNobody;
    }

    /** Those of nobody were removed: one that is still there cannot be, and goes in its turn like a base image. */
    synchronized void disown(Collection<String> images) {
        images.forEach(image -> uses.computeIfPresent(image, (id, use) -> new Use(use.last(), List.of())));
    }

    /** The one used longest ago comes first. */
    synchronized List<StoredImage> oldestFirst(Collection<StoredImage> images) {
        return images.stream().sorted(Comparator.comparing(this::last)).toList();
    }

    private Instant last(StoredImage image) {
        return Stream.concat(Stream.of(image.id()), image.names().stream())
                .map(uses::get)
                .filter(Objects::nonNull)
                .map(Use::last)
                .max(Comparator.naturalOrder())
                .orElse(image.created());
    }

    /** Forgets the images that are gone. */
    synchronized void keepOnly(Collection<StoredImage> images) {
        Set<String> present = new HashSet<>();
        images.forEach(image -> {
            present.add(image.id());
            present.addAll(image.names());
        });
        uses.keySet().retainAll(present);
    }

    /** Writes it down, as well as it can be. */
    synchronized void save() {
        try {
            Files.createDirectories(file.getParent());
            Files.write(
                    file,
                    uses.entrySet().stream()
                            .map(use -> use.getValue().line(use.getKey()))
                            .toList());
        } catch (IOException e) {
            LOG.debugf("%s cannot be written: %s", file, e.getMessage());
        }
    }
}
