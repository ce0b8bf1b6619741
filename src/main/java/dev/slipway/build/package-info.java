/** Builds: what they are, the states they pass through, and all SQL on them. */
package dev.slipway.build;
