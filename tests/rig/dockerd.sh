#!/bin/sh
# Runs inside the mount namespace of the rig's dockerd, and becomes it: dockerd.sh HOSTS ARGUMENTS...
set -e
cd /
mount --bind "$1" /etc/hosts
shift
# A containerd of the system would be joined; ours is a child of dockerd and ends with it.
if [ -d /run/containerd ]; then mount -t tmpfs -o size=64k none /run/containerd; fi
exec dockerd "$@"
