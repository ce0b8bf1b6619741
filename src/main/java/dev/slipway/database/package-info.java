/**
 * Where builds are kept: the data directory, the embedded PostgreSQL in it, or an existing server. All of it is known
 * before the framework runs, because the datasource's URL has to be. Never two services in one data directory.
 */
package dev.slipway.database;
