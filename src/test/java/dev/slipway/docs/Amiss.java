package dev.slipway.docs;

import dev.slipway.TestData;
import java.io.IOException;

/** What is wrong with the database while a request goes on. */
final class Amiss {
    private Amiss() {}

    /** Something that goes on meanwhile. */
    interface Meanwhile {
        Exchange happens() throws IOException;
    }

    /** Without its table the service is at its wits' end. */
    static Exchange withoutTable(TestData data, Meanwhile meanwhile) throws IOException {
        data.run("alter table build rename to build_lost");
        try {
            return meanwhile.happens();
        } finally {
            data.run("alter table build_lost rename to build");
        }
    }

    /** As if the key's build had been deleted between two looks: the key cannot be taken, and yet it is not there. */
    static Exchange withLostKey(TestData data, Meanwhile meanwhile) throws IOException {
        data.run("create function lose_key() returns trigger language plpgsql as 'begin return null; end'");
        data.run("create trigger lose_key before insert on idempotency_key for each row execute function lose_key()");
        try {
            return meanwhile.happens();
        } finally {
            data.run("drop function lose_key() cascade");
        }
    }
}
