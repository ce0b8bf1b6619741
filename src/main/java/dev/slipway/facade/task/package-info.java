/** Wire format E: a Dockerfile and files, task status ({@code POST /build}, {@code GET /status/{task_id}}). */
package dev.slipway.facade.task;
