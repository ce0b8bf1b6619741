package dev.slipway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.process.OutputSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheHitsTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String OTHER = "f".repeat(64);

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 80, 10_000})
    void it_finds_the_images_however_the_output_is_cut_and_passes_all_of_it_on(int piece) {
        String output = "STEP 1/2: FROM a\n--> Using cache " + ID + "\nx--> Using cache " + OTHER + "\n--> Using cache "
                + OTHER.replace('f', 'g') + "\n--> Using cache 123\n--> Using cache " + OTHER.substring(1) + "\n\n";
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        CacheHits hits = new CacheHits((stream, bytes, length) -> passed.write(bytes, 0, length));
        byte[] bytes = output.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += piece) {
            byte[] part = java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + piece));
            hits.write(OutputSink.Stream.STDOUT, part, part.length);
        }

        assertThat(hits.images()).containsExactly(ID);
        assertThat(passed.toString(StandardCharsets.UTF_8)).isEqualTo(output);
    }
}
