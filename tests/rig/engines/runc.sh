#!/bin/sh
# runc as podman calls it, with a state folder of the rig's own. Podman asks for as many processes as the kernel can
# count, which a machine without CAP_SYS_RESOURCE refuses: that one limit is taken out of what a container is made from.
bundle=
for word; do
    if [ "$bundle" = next ]; then bundle=$word; fi
    if [ "$word" = --bundle ]; then bundle=next; fi
done
if [ -f "$bundle/config.json" ]; then
    sed -i 's/,{"type":"RLIMIT_NPROC"[^}]*}//; s/{"type":"RLIMIT_NPROC"[^}]*},//; s/{"type":"RLIMIT_NPROC"[^}]*}//' \
        "$bundle/config.json"
fi
exec /usr/sbin/runc --root "@ROOT@" "$@"
