package dev.slipway.http;

import java.io.IOException;
import java.io.Serial;

/** The client closed or lost its connection before its body was complete; nobody is left to answer. */
public final class ClientGoneException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    ClientGoneException(long received, Throwable cause) {
        super("tried to read the request's body but the client went away after " + received + " bytes", cause);
    }
}
