package dev.slipway.http;

import jakarta.inject.Singleton;

/** A foreign format's errors, as a facade would offer them. */
@Singleton
public class ForeignShape implements ErrorShape {
    @Override
    public boolean handles(String path) {
        return path.startsWith("/test-http/foreign");
    }

    @Override
    public ErrorAnswer render(Problem problem) {
        return new ErrorAnswer(418, "text/x-foreign", "Error: " + problem.code().slug());
    }
}
