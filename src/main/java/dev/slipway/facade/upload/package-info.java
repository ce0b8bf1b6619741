/** Wire format A: upload and wait, {@code POST /build}. */
package dev.slipway.facade.upload;
