package dev.slipway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.error.ErrorCode;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodesTest {
    @ParameterizedTest
    @CsvSource({
        "request-invalid, 400",
        "archive-corrupt, 400",
        "archive-trailing-data, 400",
        "unauthenticated, 401",
        "forbidden, 403",
        "not-found, 404",
        "method-not-allowed, 405",
        "not-acceptable, 406",
        "request-timeout, 408",
        "build-state-conflict, 409",
        "credentials-required, 409",
        "source-gone, 410",
        "request-too-large, 413",
        "archive-too-large, 413",
        "archive-too-many-entries, 413",
        "archive-name-too-long, 413",
        "archive-memory-limit, 413",
        "unsupported-media-type, 415",
        "image-name-invalid, 422",
        "dockerfile-missing, 422",
        "dockerfile-policy, 422",
        "archive-path-escape, 422",
        "archive-link-escape, 422",
        "archive-entry-name, 422",
        "archive-entry-type, 422",
        "archive-duplicate-entry, 422",
        "url-forbidden, 422",
        "idempotency-key-reused, 422",
        "quota-exceeded, 429",
        "internal, 500",
        "unavailable, 503",
        "storage-full, 507",
        "build-failed, 422",
        "push-failed, 502",
        "timed-out, 504"
    })
    void a_code_has_the_status_of_the_design(String slug, int status) {
        assertThat(ErrorCode.ofSlug(slug).slug()).isEqualTo(slug);
        assertThat(HttpStatus.of(ErrorCode.ofSlug(slug))).isEqualTo(status);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void every_code_makes_a_problem(ErrorCode code) {
        JsonObject json = new JsonObject(new Problem(code, "tried \"x\" but\n…", Map.of("field", "image")).toJson());

        assertThat(json.getString("type")).isEqualTo("/problems/" + code.slug());
        assertThat(json.getString("title")).isEqualTo(code.title());
        assertThat(json.getInteger("status")).isBetween(400, 599);
        assertThat(json.getString("detail")).isEqualTo("tried \"x\" but\n…");
        assertThat(json.getString("field")).isEqualTo("image");
    }

    @Test
    void a_detail_cannot_replace_a_member_of_the_standard() {
        assertThat(new JsonObject(new Problem(ErrorCode.INTERNAL, "d", Map.of("status", "200")).toJson()))
                .isEqualTo(new JsonObject(new Problem(ErrorCode.INTERNAL, "d").toJson()));
    }
}
