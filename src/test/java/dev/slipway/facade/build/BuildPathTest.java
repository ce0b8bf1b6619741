package dev.slipway.facade.build;

import dev.slipway.QueueOnly;
import dev.slipway.RefusalFixture;
import dev.slipway.Transcript;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The path that two wire formats share, where a form is nobody's, or not quite somebody's. */
@QuarkusTest
@TestProfile(QueueOnly.class)
@Timeout(120)
class BuildPathTest extends RefusalFixture {
    @Test
    void a_form_that_could_be_either_or_neither_is_told_of_both() {
        Transcript.of("facade/build/nobodys.http").replay(client);
    }

    @Test
    void without_a_default_registry_there_is_nowhere_to_push_to() {
        Transcript.of("facade/build/homeless.http").replay(client);
    }
}
