"""Spellings of volume sources, as a catalog could write them: HOME, SOCKET and FOLDER stand for places of the test."""

PATHS = (
    # all of the machine
    *("/", "//", "/.", "/./", "/..", "/../..", "/usr/..", "/usr/bin/../..", "/tmp/..", "/etc/../", "/usr/./.././"),
    *("/proc/self/root", "/proc/self/root/", "/proc/self/root/usr/..", "/proc/thread-self/root"),
    # what rules it
    *(
        "/etc",
        "/etc/",
        "/etc/.",
        "/usr/../etc",
        "/proc",
        "/proc/.",
        "/usr",
        "/usr/bin",
        "/bin",
        "/lib/",
        "/sys",
        "/dev",
    ),
    # the home, and what holds it
    *("~", "~/", "~/.", "~/./", "~//", "~/..", "~/../", "~/data/..", "~/data/../", "~/data/./..", "~/data/sub/../.."),
    *("~/data/../../../../../../../../../../../..", "HOME", "HOME/", "HOME/.", "HOME/data/..", "HOME/..", "~/../home"),
    # an engine
    *("/run", "/var/run", "/var/run/", "/run/.", "SOCKET", "FOLDER", "FOLDER/", "FOLDER/.", "/var/../FOLDER"),
    # what runs as the caller
    *("~/.local", "~/.local/bin", "~/.local/bin/", "~/data/../.local/bin", "~/.bashrc", "~/data/../.bashrc"),
    # nothing of the kind
    *("~/data", "~/data/", "~/data/.", "~//data", "~/./data", "~/data/sub", "~/data/sub/..", "~/data/../data"),
    *("~/data/sub/../../data", "HOME/data", "~/databank", "~/.aws", "/var/log", "/opt", "~/data/sub/../sub/"),
)
VARIABLES = (  # a source, its variable now, and as it may be at a later call
    *(("${V00:-/}", None, None), ("${V01:-/}", "HOME/data", None), ("${V02:-HOME/data}", "/", None)),
    *(("${V03}", "/", None), ("${V04}", "HOME/data", None), ("${V05}/", "HOME/data", ""), ("/${V06}", "opt", "")),
    *(("~/${V07}", "data", ""), ("~/${V08:-..}", "data", None), ("~/${V09:-data}", None, None)),
    *(("~/data/${V10:-../..}", "sub", None), ("~/${V11:-data}/..", None, None), ("${HOME:-/root}", None, None)),
    *(("${HOME}/data", None, None), ("${HOME}/.", None, None), ("${V15:-SOCKET}", "HOME/data", None)),
    *(("${V16:-/var}/run", "HOME/data", None), ("${V17:?set it}", "HOME/data", None), ("${V18:?set it}", "HOME", None)),
    ("/usr/${V19:-..}/${V20:-.}", None, None),
)
LINKS = (  # the name of a link below the home, where it leads, and the source that uses it
    *(("to-root", "/", "~/to-root"), ("to-root-too", "/", "~/to-root/"), ("to-home", ".", "~/to-home")),
    *(("to-above", "..", "~/to-above"), ("data/up", "..", "~/data/up"), ("to-socket", "SOCKET", "~/to-socket")),
    *(("to-folder", "FOLDER", "~/to-folder"), ("to-link", "to-root", "~/to-link"), ("to-etc", "/etc", "~/to-etc")),
    *(("to-proc", "/proc/self/root", "~/to-proc"), ("to-data", "data", "~/to-data")),
    ("to-sub", "HOME/data/sub", "~/to-sub"),
)
