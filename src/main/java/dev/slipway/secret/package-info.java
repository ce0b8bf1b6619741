/**
 * Values that never print, and how they rest encrypted. Uses nothing but the JDK's cryptography and files, and
 * {@code error}. What is sealed opens under the same key and in the same place only.
 */
package dev.slipway.secret;
