# Mounts, directories and volumes at places that a link in the image leads to.
FROM scratch
COPY bin /bin
RUN /bin/busybox ln -s @DIRECTORY@ /link && echo tried
RUN --mount=type=bind,source=own,target=/link/canary,rw /bin/busybox cat /link/canary; echo changed > /link/canary; true
WORKDIR /link
COPY own /link/canary
VOLUME /link
RUN /bin/busybox cat /link/canary; echo changed > /link/canary; true
