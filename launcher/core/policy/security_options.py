"""Which security options leave a program as confined as it is without them."""

_AS_CONFINED = ("", "1", "t", "true")
_USUAL = (("seccomp", "builtin"), ("apparmor", "docker-default"), ("apparmor", "containers-default"))


def may_weaken(option: str) -> bool:
    """Tell whether *option* may take confinement away: any does that is not known to keep it.

    A profile of its own, another SELinux type or an unmasked path can allow whatever its author wants.
    """
    name, _, value = option.strip().lower().replace("=", ":", 1).partition(":")  # docker takes both signs
    if name == "no-new-privileges":
        return value not in _AS_CONFINED
    return (name, value) not in _USUAL and name != "mask"
