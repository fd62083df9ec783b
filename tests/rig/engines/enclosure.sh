#!/bin/sh
# Runs inside the mount and pid namespaces of one engine, and becomes it: enclosure.sh STEP... run PROGRAM ARGUMENTS...
set -e
cd /
while :; do
    case $1 in
    bind) mount --bind "$2" "$3" && shift 3 ;;
    tmpfs) if [ -d "$2" ]; then mount -t tmpfs -o mode=755,size=64m none "$2"; fi && shift 2 ;;
    shm) mount -t tmpfs -o mode=1777,size=64m none /dev/shm && shift ;;
    tun) # a node of our own that everybody may open: the machine's may be root's alone
        mknod -m 666 "$2" c 10 200 && mount --bind "$2" /dev/net/tun && shift 2 ;;
    root) # another Debian below everything else of this machine
        mount --rbind "$2" "$2" && mount --make-rprivate "$2"
        for each in /*; do
            case $each in
            /bin | /boot | /etc | /lib* | /lost+found | /sbin | /usr | /var) ;;
            *) [ ! -d "$each" ] || { mkdir -p "$2$each" && mount --rbind "$each" "$2$each"; } ;;
            esac
        done
        mkdir -p "$2/var/tmp/before" && pivot_root "$2" "$2/var/tmp/before" && cd / && umount -l /var/tmp/before && shift 2 ;;
    run) shift && break ;;
    esac
done
exec "$@"
