# A bind mount whose source is a link in the context.
FROM scratch
COPY bin /bin
RUN echo tried
RUN --mount=type=bind,source=link,target=/there,rw /bin/busybox cat /there/canary; echo changed > /there/canary; true
