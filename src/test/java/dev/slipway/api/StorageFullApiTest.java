package dev.slipway.api;

import static dev.slipway.TestClient.BUILDS;

import dev.slipway.RefusalFixture;
import dev.slipway.TestForm;
import dev.slipway.TestSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk without room for a source. */
@QuarkusTest
@TestProfile(TightLimits.NoRoom.class)
@Timeout(60)
class StorageFullApiTest extends RefusalFixture {
    @Test
    void a_source_for_which_there_is_no_room_is_a_507() {
        byte[] tar = TestSource.holding("full").tar();
        JsonObject document = new JsonObject().put("images", JsonArray.of("a")).put("dockerfile", "FROM scratch");
        client.post(BUILDS + "?image=a", tar).problem(507, "storage-full");
        client.post(BUILDS, new TestForm().field("image", "a").file("file", "f", tar))
                .problem(507, "storage-full");
        client.post(BUILDS, document).problem(507, "storage-full");
    }
}
