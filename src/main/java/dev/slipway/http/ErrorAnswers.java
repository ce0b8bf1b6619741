package dev.slipway.http;

import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** The shapes that errors have, chosen by the request's path. */
@Singleton
class ErrorAnswers {
    private final List<ErrorShape> shapes;

    @Inject
    ErrorAnswers(@All List<ErrorShape> shapes) {
        this.shapes = shapes;
    }

    ErrorAnswer of(Problem problem, String path) {
        return shapes.stream()
                .filter(shape -> shape.handles(path))
                .findFirst()
                .map(shape -> shape.render(problem))
                .orElseGet(problem::toAnswer);
    }
}
