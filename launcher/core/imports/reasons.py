"""Why options of docker and keys of compose have no key in a catalog, where several share a reason."""

WEIGHT = "no key sets priorities for CPU, memory or disk"
DEVICE_SPEED = "no key limits a device's speed"
WINDOWS = "is for Windows containers, which applaunch does not support"
HEALTH_CHECK = "health checks are for services"
OTHER_CONTAINER = "an app does not join other containers"
