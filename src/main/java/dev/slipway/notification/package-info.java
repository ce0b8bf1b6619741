/**
 * What PostgreSQL's NOTIFY tells all replicas. May use the framework alone. Its invariant: one connection a process, and
 * whoever listens can do without, because a notification may be lost.
 */
package dev.slipway.notification;
