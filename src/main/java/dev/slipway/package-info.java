/** The service's main class: start, refuse, stop, in the right order. Everything else is in the packages below. */
package dev.slipway;
