"""Security options that may weaken the confinement of a program."""

_AS_CONFINED = ("", "1", "t", "true")
_USUAL = (("seccomp", "builtin"), ("apparmor", "docker-default"), ("apparmor", "containers-default"))


def may_weaken(option: str) -> bool:
    """Tell whether *option* may weaken confinement; every option may that is not known to be safe.

    A custom profile, another SELinux type or an unmasked path can allow anything.
    """
    name, _, value = option.strip().lower().replace("=", ":", 1).partition(":")  # docker takes both signs
    if name == "no-new-privileges":
        return value not in _AS_CONFINED
    return (name, value) not in _USUAL and name != "mask"
