package dev.slipway.http;

import dev.slipway.error.ErrorCode;
import dev.slipway.error.SlipwayException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import java.util.Arrays;

/** What a problem's {@code type} leads to: the kind of error in words for people. */
@Path("/problems")
public class ProblemsResource {
    /** Explains a kind of error: its title, its status, and what to do. */
    @GET
    @Path("{code}")
    @Produces("text/plain;charset=UTF-8")
    public String explain(@PathParam("code") String slug) {
        ErrorCode code = Arrays.stream(ErrorCode.values())
                .filter(known -> known.slug().equals(slug))
                .findFirst()
                .orElseThrow(() -> new SlipwayException(
                        ErrorCode.NOT_FOUND, "tried to explain a problem but there is no problem of this name"));
        return code.title() + "\n" + code.slug() + ", HTTP status " + HttpStatus.of(code) + "\n\n" + Advice.on(code)
                + "\n";
    }
}
