/** OCI values: what an image is called and which one it is. A bare string stops at {@link dev.slipway.image.ImageReference#parse}. */
package dev.slipway.image;
