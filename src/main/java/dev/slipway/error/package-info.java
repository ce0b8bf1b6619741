/** What can go wrong, named once for every edge. */
package dev.slipway.error;
