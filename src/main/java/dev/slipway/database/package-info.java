/** The embedded PostgreSQL and the settings of the connection. */
package dev.slipway.database;
