package dev.slipway.http;

/** An error as it goes out: status, media type and body. What HTTP itself asks for (Allow, Retry-After) is added. */
public record ErrorAnswer(int status, String mediaType, String body) {}
