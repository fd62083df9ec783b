#!/bin/sh
# Runs as the root of rootlesskit's user namespace, in a network namespace that belongs to it, and becomes the engine:
# rootless.sh MEETING PROGRAM ARGUMENTS... A dockerd visits the network of each container, and comes back from there with
# the rights it has over its own. Over the machine's it has none, and its threads would stay where they are
# (moby/moby#51379, #47103). The --net=none of a later rootlesskit would do the same; Debian 12's 1.1.0 has none.
set -e
rm -f /run/docker /run/containerd /run/xtables.lock # as dockerd-rootless.sh does
ip link set lo up
echo $$ >"$1"
read -r _ <"$1" # passage.py has opened the registry's doors
shift
exec "$@"
