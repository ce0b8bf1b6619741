/** Values that never print, and how they rest encrypted. Uses nothing but the JDK's cryptography and {@code error}. */
package dev.slipway.secret;
