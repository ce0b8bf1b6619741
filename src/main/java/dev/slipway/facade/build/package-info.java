/**
 * {@code POST /build}, which wire formats A and E share: it finds out whose a form is and lets that format's mapping read
 * and answer it. The one package that may use other facades; nobody uses it.
 */
package dev.slipway.facade.build;
