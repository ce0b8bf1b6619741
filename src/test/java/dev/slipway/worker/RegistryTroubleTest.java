package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What buildah was seen to say, and what we make of it. */
class RegistryTroubleTest {
    private static final String PING =
            "Error: authenticating creds for \"r:5000\": pinging container registry r:5000: ";

    @ParameterizedTest
    @ValueSource(
            strings = {
                PING + "Get \"http://r:5000/v2/\": dial tcp 10.0.0.1:5000: connect: connection refused",
                PING + "Get \"http://r:5000/v2/\": EOF",
                PING + "Get \"http://r:5000/v2/\": read tcp 10.0.0.1:3->10.0.0.1:4: read: connection reset by peer",
                PING + "Get \"https://r:5000/v2/\": net/http: TLS handshake timeout",
                PING + "Get \"https://r:5000/v2/\": dial tcp: lookup r: Temporary failure in name resolution",
                PING + "Get \"https://r:5000/v2/\": dial tcp 10.0.0.1:5000: i/o timeout",
                PING + "invalid status code from registry 500 (Internal Server Error)",
                PING + "invalid status code from registry 503 (Service Unavailable)",
                "Error: initializing source docker://r:5000/a/b:1: reading manifest 1 in r:5000/a/b: toomanyrequests: slow",
                "Error: writing blob: uploading layer to http://r:5000/v2/a/blobs/uploads/x: received unexpected HTTP"
                        + " status: 502 Bad Gateway",
                "Error: reading blob sha256:0: unexpected EOF"
            })
    void trouble_may_pass(String said) {
        assertThat(RegistryTrouble.mayPass(said)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Error: logging into \"r:5000\": invalid username/password",
                PING + "invalid status code from registry 403 (Forbidden)",
                PING + "invalid status code from registry 404 (Not Found)",
                PING + "Get \"https://r:5000/v2/\": dial tcp: lookup r: no such host",
                PING + "Get \"https://r:5000/v2/\": x509: certificate signed by unknown authority",
                "Error: initializing source docker://r:5000/a/b:500: reading manifest 500 in r:5000/a/b: manifest unknown",
                "Error: writing blob: initiating layer upload to /v2/a/b/blobs/uploads/: denied: requested access",
                "Error: writing manifest: unauthorized: authentication required",
                "Copying blob sha256:0",
                ""
            })
    void a_refusal_does_not(String said) {
        assertThat(RegistryTrouble.mayPass(said)).isFalse();
    }

    @Test
    void the_waits_grow_and_differ_and_have_an_end() {
        RetryPolicy policy = new RetryPolicy(4, Duration.ofSeconds(2), Duration.ofSeconds(30));

        assertThat(policy.delayAfter(1)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
        assertThat(policy.delayAfter(3)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(12));
        assertThat(policy.delayAfter(100)).isEqualTo(Duration.ofSeconds(30));
        assertThat(policy.delayAfter(2)).isNotEqualTo(policy.delayAfter(2));
    }
}
