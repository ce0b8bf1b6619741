/** Start-up checks, health, the report of what was found. */
package dev.slipway.ops;
