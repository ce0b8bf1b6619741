/** Wire format B: a Dockerfile in, its status by query ({@code /build-push}, {@code /build-push-status}, {@code /retry-build}). */
package dev.slipway.facade.buildpush;
