"""Why options of docker and keys of compose have no key in a catalog, where several share a reason."""

WEIGHT = "no key shares out processors, memory or disks between programs"
DEVICE_SPEED = "no key limits a device's speed"
WINDOWS = "is for Windows containers, which applaunch does not run"
HEALTH_CHECK = "health checks are for services; nobody would look at the result"
OTHER_CONTAINER = "a program of the catalog belongs to no other container"
