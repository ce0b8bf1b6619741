package dev.slipway.buildah;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessorsTest {
    @Test
    void the_kernels_lists_are_read() {
        assertThat(Processors.parse("0-3,8,10-11")).containsExactly(0, 1, 2, 3, 8, 10, 11);
        assertThat(Processors.parse("5")).containsExactly(5);
    }

    @Test
    void nobody_gets_more_than_there_are() {
        int all = Runtime.getRuntime().availableProcessors();
        assertThat(Processors.some(1000).split(",")).hasSize(all).doesNotHaveDuplicates();
    }
}
