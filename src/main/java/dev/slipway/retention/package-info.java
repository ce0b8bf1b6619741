/** What goes by itself and when: finished builds, their logs and sources, and what crashes left of sources. */
package dev.slipway.retention;
