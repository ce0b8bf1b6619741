/**
 * The log of a build, line by line: kept in the database, followed by anyone. Uses nothing of Slipway but
 * {@code error}, {@code image} and {@code secret}, and reads the table {@code build} only for a build's attempt and
 * status. The invariant: once a line is seen under its number, every lower number has been seen or is left out for good.
 */
package dev.slipway.joblog;
