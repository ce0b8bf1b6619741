# With what root may do elsewhere: mounts, namespaces, devices, the kernel's settings.
FROM scratch
COPY bin /bin
RUN echo tried; b=/bin/busybox; $b mkdir /there; $b mount -o bind / /there; $b mount -t tmpfs none /there; \
    $b mount -t proc proc /there; $b unshare -m $b mount -o bind / /there; $b mount -o remount,rw /; \
    $b mknod /disk b 8 0 && echo STOLEN; $b mknod /disk b 254 0 && echo STOLEN; $b mknod /mem c 1 1 && echo STOLEN; \
    echo changed > /proc/sys/kernel/core_pattern; echo changed > /proc/sys/user/max_user_namespaces; \
    $b nsenter -t 1 -m -u -i -n -p $b cat @DIRECTORY@/canary; $b nsenter -t 1 -r $b cat @DIRECTORY@/canary; \
    $b pivot_root / /there; $b cat /there@DIRECTORY@/canary; echo changed > /there@DIRECTORY@/canary; \
    $b ip rule flush && echo STOLEN; $b ip link add name own type dummy && echo STOLEN; true
