package dev.slipway.facade;

import dev.slipway.build.BuildRequest;
import dev.slipway.build.BuildView;
import dev.slipway.build.IdempotencyKey;
import dev.slipway.http.Form;
import dev.slipway.http.Part;
import dev.slipway.http.Prefer;
import dev.slipway.http.WireFormat;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a wire format brings to a path that it shares with others: how its forms are told apart, read and answered. */
public interface FormMapping {
    /** Its name, and how errors look once a form is known to be of it. */
    WireFormat format();

    /** The fields that no other format on the path has: one of them makes a form this format's. */
    Set<String> signs();

    /** The texts that it takes besides, which may come before any sign does. */
    Set<String> texts();

    /** What it is about, for people who sent something else. */
    String description();

    /** The fields in a body of this Content-Type (null where none was sent); refuses what it does not take. */
    Form form(InputStream body, String contentType);

    /** Begins to read a form, which has to be closed. */
    Reader open(Headers headers) throws IOException;

    /** What a request says beside its form. */
    record Headers(Prefer prefer, Optional<IdempotencyKey> key) {}

    /** A form that is being read. Its methods block, and are for one thread. */
    interface Reader extends Closeable {
        /** Takes a parameter of the query. */
        void parameter(String name, String value) throws IOException;

        /** Takes a part of the form. */
        void part(Part part) throws IOException;

        /** Judges the whole at its end; the caller has to queue the request. */
        Accepted accept() throws IOException;
    }

    /** A request that is to be queued, and how its build is answered then. */
    record Accepted(BuildRequest request, Function<BuildView, Uni<Response>> answer) {}
}
