# A cache in another cache, where the first user of the outer one left a link.
FROM scratch
COPY bin /bin
RUN --mount=type=cache,target=/cache /bin/busybox ln -sfn @DIRECTORY@ /cache/link && echo tried
RUN --mount=type=cache,target=/cache/link /bin/busybox cat /cache/link/canary; echo changed > /cache/link/canary; true
