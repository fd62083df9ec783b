"""Paths that are protected from every program: system folders, secrets in a home, and files that a shell runs."""

from __future__ import annotations

from launcher.errors import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SYSTEM = ("/", "/etc", "/usr", "/proc", "/sys", "/dev", "/boot", "/var/run", "/run")
"""Folders that are refused as the current folder (catalog-format.md)."""

_BROWSERS = (
    *(".mozilla", ".librewolf", ".waterfox", ".zen", ".config/google-chrome", ".config/google-chrome-beta"),
    *(".config/google-chrome-unstable", ".config/chromium", ".config/BraveSoftware", ".config/microsoft-edge"),
    *(".config/microsoft-edge-beta", ".config/microsoft-edge-dev", ".config/vivaldi", ".config/opera"),
    *(".local/share/torbrowser", ".var/app", "snap/firefox", "snap/chromium", "snap/brave", "snap/opera"),
)
_PASSWORDS = (
    *(".ssh", ".gnupg", ".password-store", ".local/share/password-store", ".local/share/keyrings", ".pki", ".putty"),
    *(".gnome2/keyrings", ".local/share/kwalletd", ".kde/share/apps/kwallet", ".kde4/share/apps/kwallet", "*.kdbx"),
    *(".config/keepassxc", ".config/KeePass", ".keepass", ".config/1Password", ".config/op", ".op", "snap/bitwarden"),
    *(".config/Bitwarden", ".config/Bitwarden CLI", ".config/rbw", ".local/share/rbw", ".lastpass", ".config/lpass"),
    *(".vault-token", ".vault_pass", ".vault_pass.txt", ".vault-pass", ".vault_password", ".ansible_vault_pass"),
    *(".ansible/vault_pass", ".config/sops", ".config/age", ".age", ".minisign", ".step", ".sigstore"),
    *(".env", ".env.*", ".envrc", ".smbcredentials", ".vnc", ".Xauthority", ".ICEauthority"),
    *(".bitcoin", ".electrum", ".ethereum", ".monero", "Library/Keychains"),
)
_CLOUDS = (
    *(".aws", ".azure", ".config/gcloud", ".boto", ".oci", ".config/doctl", ".config/hcloud", ".fly", ".config/heroku"),
    *(".local/share/heroku", ".terraform.d", ".terraformrc", ".kube", ".helm", ".config/helm", ".docker", ".dockercfg"),
    *(
        ".config/containers",
        ".config/rclone",
        ".rclone.conf",
        ".s3cfg",
        ".config/openstack",
        ".config/scw",
        ".ibmcloud",
    ),
    *(".bluemix", ".aliyun", ".config/linode-cli", ".config/exoscale", ".cloudflared", ".config/.wrangler"),
    *(".wrangler", ".config/netlify", ".netlify", ".local/share/com.vercel.cli", ".config/ngrok", ".ngrok2"),
    *(
        ".config/stripe",
        ".config/configstore",
        ".config/firebase",
        ".sentryclirc",
        ".pulumi",
        ".chef",
        ".databrickscfg",
    ),
    *(".snowsql", ".claude", ".claude.json", ".codex", ".gemini", ".config/github-copilot", ".colima", ".lima", ".rd"),
    *(".orbstack", ".local/share/containers/podman/machine"),
)
_PACKAGES = (
    *(".npmrc", ".pypirc", ".config/pip", ".pip", ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials"),
    *(
        ".local/share/gem/credentials",
        ".bundle/config",
        ".m2/settings.xml",
        ".m2/settings-security.xml",
        ".ivy2/.credentials",
    ),
    *(
        ".gradle/gradle.properties",
        ".nuget/NuGet",
        ".config/NuGet",
        ".composer/auth.json",
        ".config/composer/auth.json",
    ),
    *(".yarnrc", ".yarnrc.yml", ".bunfig.toml", ".config/pypoetry", ".local/share/uv/credentials", ".condarc"),
    *(".config/dart", ".pub-cache/credentials.json", ".lein/credentials.clj", ".hex"),
)
_SERVERS = (
    *(".git-credentials", ".config/git/credentials", ".config/gh", ".config/glab-cli", ".config/hub", ".config/tea"),
    *(".netrc", "_netrc", ".authinfo", ".authinfo.gpg", ".subversion/auth", ".cvspass", ".config/filezilla"),
    *(".pgpass", ".my.cnf", ".mylogin.cnf", ".mongorc.js", ".mongodb", ".dbshell", ".redisclirc", ".config/remmina"),
    *(".local/share/remmina", ".thunderbird", ".icedove", "snap/thunderbird", ".config/evolution"),
    *(".local/share/evolution", ".msmtprc", ".config/msmtp", ".mbsyncrc", ".isyncrc", ".offlineimaprc", ".fetchmailrc"),
    *(".muttrc", ".mutt", ".config/mutt", ".config/neomutt", ".config/aerc", ".config/Signal", ".config/Slack"),
    *(".config/discord", ".config/Element", ".local/share/TelegramDesktop", ".purple", ".weechat", ".config/weechat"),
    *(".irssi", "snap/slack", "snap/discord", "snap/signal-desktop", "snap/telegram-desktop"),
)
_HISTORIES = (
    *(".bash_history", ".zsh_history", ".zhistory", ".histfile", ".history", ".sh_history", ".ash_history"),
    *(".ksh_history", ".python_history", ".node_repl_history", ".psql_history", ".mysql_history", ".sqlite_history"),
    *(".rediscli_history", ".mongosh", ".irb_history", ".pry_history", ".php_history", ".Rhistory", ".lesshst"),
    *(".viminfo", ".local/share/fish", ".local/share/nushell", ".local/share/atuin", ".local/share/mcfly"),
    *(".local/state/bash", ".local/state/zsh", ".local/state/lesshst"),
)
_LINKED = (
    *(".ssh/id_rsa", ".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/config", ".aws/credentials", ".aws/config"),
    *(".kube/config", ".docker/config.json", ".config/gh/hosts.yml", ".gnupg/private-keys-v1.d"),
)
"""Files in the folders above that dotfile managers replace with links."""

SECRETS = (*_PASSWORDS, *_CLOUDS, *_PACKAGES, *_SERVERS, *_BROWSERS, *_HISTORIES, *_LINKED)
"""Paths that are masked in every mount, unless the entry mounts them by name; config.toml changes the list.

They are relative to the home; a ``*`` matches any file name directly in the home.
"""

STARTUP = (
    *(".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".bashrc.d", ".profile", ".login"),
    *(".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".config/zsh", ".oh-my-zsh", ".kshrc", ".mkshrc"),
    *(".cshrc", ".tcshrc", ".logout", ".config/fish", ".config/nushell", ".config/elvish", ".config/xonsh", ".xonshrc"),
    *(".inputrc", ".pam_environment", ".config/environment.d", ".config/direnv", ".direnvrc", ".config/mise"),
    *(".xprofile", ".xsession", ".xsessionrc", ".xinitrc", ".config/autostart", ".config/autostart-scripts"),
    *(".config/plasma-workspace", ".config/systemd", ".local/share/systemd", ".local/share/applications"),
    *(".local/share/dbus-1", ".local/share/gnome-shell", ".config/i3", ".config/sway", ".config/hypr"),
    *(".config/openbox", ".gitconfig", ".config/git", ".vimrc", ".vim", ".gvimrc", ".exrc", ".config/nvim"),
    *(".emacs", ".emacs.el", ".emacs.d", ".config/emacs", ".nanorc", ".tmux.conf", ".config/tmux", ".screenrc"),
    *(".gdbinit", ".config/gdb", ".lldbinit", ".irbrc", ".pryrc", ".Rprofile", ".pythonrc", ".config/Code/User"),
    *(".vscode", ".cargo/config.toml", ".cargo/env", ".cargo/bin", "go/bin", ".local/bin", ".local/lib", "bin"),
)
"""Paths that are read-only in every mount, because the owner's shell, desktop or editors execute them."""


def apply_path_settings(listed: Iterable[str], cover: Collection[str], show: Collection[str]) -> tuple[str, ...]:
    """Return the paths *listed* with the user's settings applied: *cover* adds paths, *show* removes them."""
    if not cover and not show:
        return tuple(listed)
    return tuple([path for path in dict.fromkeys((*listed, *cover)) if path not in show])


def refuse_system(cwd: str, name: str, instead: str = "set mount_cwd = 'none' for it") -> None:
    """Raise `CannotRunError` if *cwd* is a system folder; *instead* is what to do in the entry."""
    if is_system(cwd):
        fix = f"change to another folder, or {instead}"
        raise CannotRunError(name, f"the current folder {cwd} belongs to the system and is not mounted", fix)


def is_system(folder: str) -> bool:
    """Tell whether *folder* is a system folder, which is not mounted as the current folder."""
    return folder in SYSTEM or folder.startswith(("/proc/", "/sys/", "/dev/", "/boot/")) or _holds_sockets(folder)


def _holds_sockets(cwd: str) -> bool:
    """Tell whether *cwd* is below /run, which has sockets of buses, engines and sessions, but is not a mounted disk."""
    if cwd.startswith("/var/run/"):
        cwd = cwd.removeprefix("/var")
    disks = cwd.startswith(("/run/media/", "/run/mount/")) or cwd.split("/")[2:5:2] == ["user", "gvfs"]
    return cwd.startswith("/run/") and not disks
