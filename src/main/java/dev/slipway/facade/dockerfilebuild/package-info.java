/**
 * Wire format D: builds as a collection ({@code /api/dockerfile-build}), made from a Dockerfile, read by number, and deleted.
 * May use http, intake and build. The user and the file name that it shows are the build's origin fields; a password never is.
 */
package dev.slipway.facade.dockerfilebuild;
