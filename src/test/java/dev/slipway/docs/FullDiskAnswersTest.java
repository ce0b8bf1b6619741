package dev.slipway.docs;

import dev.slipway.ApiFixture;
import dev.slipway.api.TightLimits;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented of a full disk is given, where the disk counts as full. */
@QuarkusTest
@TestProfile(TightLimits.NoRoom.class)
@Timeout(60)
class FullDiskAnswersTest extends ApiFixture {
    static final Scenarios<FullDiskAnswersTest> SCENARIOS = new Scenarios<>();

    static {
        for (Door door : Door.values()) {
            SCENARIOS.add(
                    door.answers("507 storage-full"),
                    test -> test.client.post(door.path(), door.goodForm()).exchange());
        }
        Call.doors()
                .forEach(call -> SCENARIOS.add(call.answers("507 application/json"), test -> call.send(test.client)
                        .exchange()));
    }

    static Set<String> names() {
        return SCENARIOS.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_is_given(String name) throws Exception {
        SCENARIOS.provoke(name, this, url);
    }
}
