/**
 * Foreign wire formats, one package each: pure mapping, error shape, wire records, resource. They know nothing of each
 * other. Where some share a path, {@code facade.build} owns it and calls their {@link dev.slipway.facade.FormMapping}s.
 */
package dev.slipway.facade;
