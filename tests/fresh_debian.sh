#!/bin/sh
# Runs WORDS on a fresh machine whose root is the folder ROOT: no chroot, in which the kernel refuses user namespaces,
# but pivot_root in a mount namespace of its own. ROOT WORDS...
set -e
root=$1
shift
mount --bind "$root" "$root"
cd "$root"
mkdir -p proc sys dev old
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=0755,size=1m dev dev
mkdir dev/net dev/pts dev/shm
mknod -m 0666 dev/net/tun c 10 200
mknod -m 0666 dev/null c 1 3
mknod -m 0666 dev/zero c 1 5
mknod -m 0666 dev/full c 1 7
mknod -m 0666 dev/random c 1 8
mknod -m 0666 dev/urandom c 1 9
mknod -m 0666 dev/tty c 5 0
ln -s /proc/self/fd dev/fd
pivot_root . old
umount -l /old
rmdir /old
exec "$@"
