package dev.slipway.docs;

import dev.slipway.ApiFixture;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is documented of formats that are switched off is given, where all of them are. */
@QuarkusTest
@TestProfile(SwitchedOffAnswersTest.SwitchedOff.class)
@Timeout(60)
class SwitchedOffAnswersTest extends ApiFixture {
    /** The setting. */
    public static class SwitchedOff extends AtHome {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = super.getConfigOverrides();
            settings.put("slipway.facade.off", "upload,build-push,job,dockerfile-build,task");
            return settings;
        }
    }

    static final Scenarios<SwitchedOffAnswersTest> SCENARIOS = new Scenarios<>();

    static {
        for (Call call : Call.values()) {
            SCENARIOS.add(call.answers("404 not-found"), test -> call.send(test.client)
                    .exchange());
        }
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
