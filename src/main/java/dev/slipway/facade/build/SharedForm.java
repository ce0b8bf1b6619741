package dev.slipway.facade.build;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import dev.slipway.facade.FormMapping;
import dev.slipway.http.Form;
import dev.slipway.http.FormatFailureException;
import dev.slipway.http.MultipartReader;
import dev.slipway.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One form, of which the first field that only one format has says whose it is. From then on its parts stream into that
 * format's reader; until then there is nothing but short texts, which are kept. A second format's field ends it. Where one
 * format is served alone, every form is that format's, as if there were no other.
 */
final class SharedForm {
    private final List<FormMapping> served;
    private final List<Map.Entry<String, String>> query;
    private final EarlyParts early = new EarlyParts();
    private FormMapping mapping;

    SharedForm(List<FormMapping> served, List<Map.Entry<String, String>> query) {
        this.served = served;
        this.query = query;
        if (served.size() == 1) {
            mapping = served.getFirst();
        }
        query.forEach(parameter -> judge(parameter.getKey()));
    }

    /** Reads the body to its end and accepts what it asks for. */
    FormMapping.Accepted read(InputStream body, String type, FormMapping.Headers headers) throws IOException {
        Form form = mapping == null ? MultipartReader.of(body, type) : mapping.form(body, type);
        Optional<Part> part = mapping == null ? firstSign(form) : form.next();
        try (FormMapping.Reader reader = mapping.open(headers)) {
            for (Map.Entry<String, String> parameter : query) {
                reader.parameter(parameter.getKey(), parameter.getValue());
            }
            for (Part kept : early.parts()) {
                reader.part(kept);
            }
            for (; part.isPresent(); part = form.next()) {
                judge(part.get().name());
                reader.part(part.get());
            }
            return reader.accept();
        }
    }

    /** A failure as it is to be told: in the format's shape, once it is known. */
    Throwable told(Throwable failure) {
        return mapping == null ? failure : new FormatFailureException(mapping.format(), failure);
    }

    private Optional<Part> firstSign(Form form) throws IOException {
        for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
            judge(next.get().name());
            if (mapping != null) {
                return next;
            }
            early.keep(next.get(), served);
        }
        throw refused("it has no field of either");
    }

    private void judge(String field) {
        Optional<FormMapping> owner = served.stream()
                .filter(candidate -> candidate.signs().contains(field))
                .findFirst();
        if (owner.isEmpty() || owner.get() == mapping) {
            return;
        }
        if (mapping != null) {
            mapping = null; // it is neither's
            throw refused("it has fields of both, `" + field + "` is one of them");
        }
        mapping = owner.get();
    }

    private SlipwayException refused(String why) {
        return new SlipwayException(
                ErrorCode.REQUEST_INVALID,
                "tried to tell what the form asks for but " + why + ": this path takes "
                        + served.stream().map(FormMapping::description).collect(Collectors.joining(", or ")));
    }
}
