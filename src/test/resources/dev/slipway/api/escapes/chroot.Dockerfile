# A working directory outside of a new root: the classic way out of chroot, also in a user namespace of its own.
FROM scratch
COPY bin /bin
RUN /bin/busybox mkdir -p /inner/bin && /bin/busybox cp /bin/busybox /inner/bin/ && echo tried
RUN up=../../../../../..; inner="/bin/busybox nsenter -r/inner -w/ /bin/busybox"; \
    $inner cat $up@DIRECTORY@/canary; $inner cp /bin/busybox $up@DIRECTORY@/canary; \
    /bin/busybox unshare -U -r $inner cat $up@DIRECTORY@/canary; true
