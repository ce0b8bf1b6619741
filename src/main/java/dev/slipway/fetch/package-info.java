/**
 * Getting a source from where its URL points: which URLs and addresses may be asked, and the download itself.
 *
 * <p>It hands the bytes to whoever stores and judges them, and uses {@code error} and {@code secret} and nothing else of
 * ours.
 *
 * <p>Invariant: what is dialled is an address that was judged, never a name; and no user, password or query of a URL
 * stands in a message.
 */
package dev.slipway.fetch;
