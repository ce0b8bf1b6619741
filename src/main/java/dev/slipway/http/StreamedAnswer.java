package dev.slipway.http;

import io.smallrye.mutiny.Multi;
import io.vertx.core.buffer.Buffer;

/**
 * An answer that is written piece by piece.
 *
 * @param mediaType its Content-Type
 * @param live whether it goes on until something happens: its head goes out at once, and a shutdown ends it
 * @param chunks what to write; each is asked for when the client has taken the one before
 */
public record StreamedAnswer(String mediaType, boolean live, Multi<Buffer> chunks) {}
