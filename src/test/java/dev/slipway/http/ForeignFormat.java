package dev.slipway.http;

import jakarta.inject.Singleton;

/** A foreign format, as a facade would offer it. */
@Singleton
public class ForeignFormat implements WireFormat {
    @Override
    public String name() {
        return "foreign";
    }

    @Override
    public boolean handles(String path) {
        return path.startsWith("/test-http/foreign");
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        return new ErrorAnswer(418, "text/x-foreign", "Error: " + problem.code().slug());
    }
}
