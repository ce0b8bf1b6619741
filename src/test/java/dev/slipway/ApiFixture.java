package dev.slipway;

import io.quarkus.test.common.http.TestHTTPResource;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.BeforeEach;

/** What tests of the API in this process begin with: a client, and a look behind the service's back. */
public abstract class ApiFixture {
    /** Where the service listens. */
    @TestHTTPResource
    protected URI url;

    /** Its rows and files. */
    @Inject
    protected TestData data;

    /** The registry that it pushes to, where the profile has one. */
    protected TestRegistry registry;

    /** A client of it. */
    protected TestClient client;

    @BeforeEach
    void connect() {
        client = new TestClient(url);
    }
}
