/**
 * What every HTTP edge shares: streamed bodies, multipart, Prefer, errors as problem+json.
 *
 * <p>May use {@code error} and the framework. Its invariant: no body piles up in the heap, and no failure reaches a
 * client in a shape of the framework's own.
 */
package dev.slipway.http;
