/** The one door through which a build is created, whatever the wire format. */
package dev.slipway.intake;
