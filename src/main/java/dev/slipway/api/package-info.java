/** Our own HTTP API under /api/v1. */
package dev.slipway.api;
