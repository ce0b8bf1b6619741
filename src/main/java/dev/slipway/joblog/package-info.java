/** The log of a build, line by line: kept in the database, followed by anyone. */
package dev.slipway.joblog;
