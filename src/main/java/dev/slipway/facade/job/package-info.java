/** Wire format C: JSON or a tarball in, status and logs by job ({@code /api/v1/build}, {@code /api/v1/{jobid}/status}, {@code …/logs}). */
package dev.slipway.facade.job;
