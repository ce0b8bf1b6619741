package dev.slipway.fetch;

import java.io.IOException;
import java.io.Serial;
import java.time.Duration;

/** A download that failed on the other side, or on the way: why, for "tried to fetch … but …". */
final class TransferException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean passing;
    private final Duration wish;

    private TransferException(String message, boolean passing, Duration wish, Throwable cause) {
        super(message, cause);
        this.passing = passing;
        this.wish = wish;
    }

    /** It would fail again. */
    static TransferException lasting(String why, Throwable cause) {
        return new TransferException(why, false, Duration.ZERO, cause);
    }

    /** The same without a cause. */
    static TransferException lasting(String why) {
        return lasting(why, null);
    }

    /** It may be gone at the next try. */
    static TransferException passing(String why, Throwable cause) {
        return new TransferException(why, true, Duration.ZERO, cause);
    }

    /** The same without a cause. */
    static TransferException passing(String why) {
        return passing(why, Duration.ZERO);
    }

    /** The same, and the server asks to be left alone for so long. */
    static TransferException passing(String why, Duration wish) {
        return new TransferException(why, true, wish, null);
    }

    boolean isPassing() {
        return passing;
    }

    /** The least time before the next try. */
    Duration wish() {
        return wish;
    }
}
