package dev.slipway.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The description as it stands in the source files, put together. */
final class WrittenDocument {
    private static final Path DIRECTORY = Path.of("src/main/resources/META-INF");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private WrittenDocument() {}

    static JsonNode read() {
        ObjectNode whole = parse(DIRECTORY.resolve("openapi.yaml"));
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("openapi"))) {
            files.sorted().map(WrittenDocument::parse).forEach(file -> {
                add(whole.withObject("paths"), file.path("paths"));
                file.path("components")
                        .properties()
                        .forEach(
                                kind -> add(whole.withObject("components").withObject(kind.getKey()), kind.getValue()));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return whole;
    }

    private static void add(ObjectNode whole, JsonNode part) {
        part.properties().forEach(member -> {
            if (whole.has(member.getKey())) {
                throw new AssertionError(member.getKey() + " is described in two files");
            }
            whole.set(member.getKey(), member.getValue());
        });
    }

    private static ObjectNode parse(Path file) {
        try {
            return (ObjectNode) YAML.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
