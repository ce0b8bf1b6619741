/** What was handed in: kept, validated, unpacked. The only place that reads archives. */
package dev.slipway.source;
