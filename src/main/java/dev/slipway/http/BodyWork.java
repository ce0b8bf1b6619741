package dev.slipway.http;

/** Work on a request's body that may block; it runs on a thread of its own. */
@FunctionalInterface
public interface BodyWork<T> {
    /** Reads the body and makes something of it; the body is closed afterwards, read to its end or not. */
    T read(BodyStream body) throws Exception;
}
