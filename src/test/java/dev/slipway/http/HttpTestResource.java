package dev.slipway.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.RedirectionException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Resources of the tests' own, each an example of what a real one does. */
@Path("/test-http")
public class HttpTestResource {
    /** The threads that read a body right now. */
    static final AtomicInteger READING = new AtomicInteger();

    /** The permits of the slow reader: one for each MiB. */
    static final Semaphore MEBIBYTES = new Semaphore(0);

    /** The most bytes that ever waited for the slow reader. */
    static final AtomicLong PEAK = new AtomicLong();

    /** What JSON is read into. */
    public record Wanted(String image, int count) {}

    @Inject
    Bodies bodies;

    @Inject
    ObjectMapper mapper;

    @POST
    @Path("count")
    @Produces("text/plain")
    public Uni<String> count(@Context HttpServerRequest request) {
        return bodies.read(request, HttpTestResource::drain).map(n -> "" + n);
    }

    @POST
    @Path("context")
    @Produces("text/plain")
    public Uni<String> context(@Context HttpServerRequest request) {
        io.vertx.core.Context home = Vertx.currentContext();
        String caller = Thread.currentThread().getName();
        return bodies.read(request, body -> {
                    drain(body);
                    return Thread.currentThread().isVirtual();
                })
                .map(virtual -> "virtual=" + virtual
                        + " same=" + (Vertx.currentContext() == home && VertxContext.isDuplicatedContext(home))
                        + " loop=" + io.vertx.core.Context.isOnEventLoopThread()
                        + " thread="
                        + caller.equals(Thread.currentThread().getName()));
    }

    @POST
    @Path("slow")
    @Produces("text/plain")
    public Uni<String> slow(@Context HttpServerRequest request) {
        return bodies.read(request, body -> {
            long total = 0;
            byte[] buffer = new byte[16 * 1024];
            for (int n = 0; n >= 0; n = body.read(buffer)) {
                if (total % (1 << 20) + n >= 1 << 20 && !MEBIBYTES.tryAcquire(20, TimeUnit.SECONDS)) {
                    throw new IOException("nobody let the slow reader on");
                }
                total += n;
                PEAK.accumulateAndGet(body.peak(), Math::max);
            }
            return "" + total;
        });
    }

    @POST
    @Path("half")
    public Uni<String> half(@Context HttpServerRequest request) {
        return bodies.read(request, body -> {
            body.readNBytes(100_000);
            throw new SlipwayException(ErrorCode.ARCHIVE_CORRUPT, "tried to read the archive but it is damaged");
        });
    }

    @POST
    @Path("parts")
    @Produces("text/plain")
    public Uni<String> parts(@HeaderParam("Content-Type") String type, @Context HttpServerRequest request) {
        return bodies.read(request, body -> {
            MultipartReader form = MultipartReader.of(body, type);
            StringBuilder answer = new StringBuilder();
            for (Optional<Part> next = form.next(); next.isPresent(); next = form.next()) {
                Part part = next.get();
                answer.append(part.name()).append('|').append(part.filename().orElse("-"));
                long size = part.content().transferTo(OutputStream.nullOutputStream());
                answer.append('|').append(size).append('\n');
            }
            return answer.toString();
        });
    }

    @POST
    @Path("refuse")
    public Uni<String> refuse(@Context HttpServerRequest request) {
        throw new SlipwayException(ErrorCode.FORBIDDEN, "tried to upload but it is not allowed");
    }

    @GET
    @Path("uuid/{id}")
    @Produces("text/plain")
    public String uuid(@PathParam("id") UUID id) {
        return id.toString();
    }

    @DELETE
    @Path("uuid/{id}")
    public void delete(@PathParam("id") UUID id) {}

    @GET
    @Path("query")
    @Produces("text/plain")
    public String query(@QueryParam("n") int n) {
        return "" + n;
    }

    @POST
    @Path("json")
    @Consumes("application/json")
    @Produces("application/json")
    public Wanted json(Wanted wanted) {
        return wanted;
    }

    @POST
    @Path("entity")
    @Consumes("application/json")
    @Produces("application/json")
    public Uni<Wanted> entity(@Context HttpServerRequest request) {
        return bodies.read(request, body -> JsonBody.<Wanted>read(body, 1_000_000, mapper.readerFor(Wanted.class)))
                .invoke(() -> {
                    if (!io.vertx.core.Context.isOnEventLoopThread()) {
                        throw new IllegalStateException("left the event loop");
                    }
                });
    }

    @GET
    @Path("boom")
    public Uni<String> boom() {
        return Uni.createFrom().failure(new IllegalStateException("the secret"));
    }

    @GET
    @Path("busy")
    public String busy() {
        throw new SlipwayException(
                ErrorCode.QUOTA_EXCEEDED, "tried to queue but the queue is full", Map.of("retryAfter", "7"), null);
    }

    @GET
    @Path("away")
    public Response away() {
        throw new RedirectionException(303, URI.create("/test-http/query"));
    }

    private static long drain(BodyStream body) throws IOException {
        READING.incrementAndGet();
        try {
            return body.transferTo(OutputStream.nullOutputStream());
        } finally {
            READING.decrementAndGet();
        }
    }
}
