package dev.slipway.http;

import java.util.Map;

/** A failed request: what to tell, and the headers that HTTP asks for with it. */
record Failure(Problem problem, Map<String, String> headers) {
    Failure(Problem problem) {
        this(problem, Map.of());
    }
}
