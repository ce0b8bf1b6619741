package dev.slipway.facade.build;

import dev.slipway.facade.FormMapping;
import dev.slipway.http.Part;
import dev.slipway.intake.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The parts of a form that came before it was known whose it is; few, and small, however many a client sends. */
final class EarlyParts {
    private final List<Part> parts = new ArrayList<>();
    private boolean hasUnknown;

    List<Part> parts() {
        return parts;
    }

    /** Keeps a text that some format takes; of the fields that none takes the first one's name, for who minds. */
    void keep(Part part, List<FormMapping> formats) throws IOException {
        if (formats.stream().noneMatch(format -> format.texts().contains(part.name()))) {
            if (!hasUnknown) {
                hasUnknown = true;
                parts.add(with(part, InputStream.nullInputStream()));
            }
        } else if (count(part.name()) < 2) { // the second is refused, so a third says no more
            byte[] text = part.text(Submission.MAX_FIELD).getBytes(StandardCharsets.UTF_8);
            parts.add(with(part, new ByteArrayInputStream(text)));
        }
    }

    private long count(String name) {
        return parts.stream().filter(part -> part.name().equals(name)).count();
    }

    private static Part with(Part part, InputStream content) {
        return new Part(part.name(), part.filename(), part.contentType(), content);
    }
}
