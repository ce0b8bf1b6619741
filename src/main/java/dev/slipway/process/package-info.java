/**
 * Child processes: the only package that starts any. A command's environment is exactly what it names, its output is
 * always read, and it always has a deadline.
 */
package dev.slipway.process;
