/**
 * What was handed in: kept, judged, unpacked; and the Dockerfile in it. The only place that reads archives.
 *
 * <p>One reader ({@code ArchiveReader}) stands both at the intake and at the unpacking, and it knows the kinds of all
 * entries so far, so what was accepted is exactly what is written. It uses {@code error} and nothing else of ours.
 *
 * <p>Invariant: a source is at {@code <directory>/<id>/source}, whole and judged, or it is not there.
 */
package dev.slipway.source;
