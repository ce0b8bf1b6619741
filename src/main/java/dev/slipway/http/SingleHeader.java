package dev.slipway.http;

import dev.slipway.error.SlipwayException;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/** A header that means something only once: of two, nobody could say which one counts. */
public final class SingleHeader {
    private SingleHeader() {}

    /** Its value, where the request has it; refuses a request that has it twice. */
    public static Optional<String> of(HttpServerRequest request, String name) {
        List<String> values = request.headers().getAll(name);
        if (values.size() > 1) {
            throw SlipwayException.invalidField(name, "tried to read the header " + name + " but it is given twice");
        }
        return values.stream().findFirst();
    }
}
