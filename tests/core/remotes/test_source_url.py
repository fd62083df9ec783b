import pytest

from launcher.core.remotes.source_url import Address, shown
from launcher.core.values.invalid_value import InvalidValueError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://tools.example/team", Address("web", "https://tools.example/team/")),
        ("https://tools.example/team/", Address("web", "https://tools.example/team/")),
        ("https://tools.example", Address("web", "https://tools.example/")),
        ("https://tools.example/a/tools.toml", Address("web", "https://tools.example/a/", file="tools.toml")),
        ("https://tools.example:8443/a?k=v", Address("web", "https://tools.example:8443/a/?k=v")),
        ("http://127.0.0.1:8000/", Address("web", "http://127.0.0.1:8000/")),
        ("http://[::1]:8000/", Address("web", "http://[::1]:8000/")),
        ("http://localhost/x", Address("web", "http://localhost/x/")),
        ("git+https://forge.example/team/tools", Address("git", "https://forge.example/team/tools")),
        ("https://forge.example/team/tools.git#v1", Address("git", "https://forge.example/team/tools.git", "v1")),
        (f"git+ssh://git@h/t#{COMMIT}:sub/dir", Address("git", "ssh://git@h/t", COMMIT, "sub/dir")),
        ("ssh://git@forge.example/t", Address("git", "ssh://git@forge.example/t")),
        ("git@forge.example:team/tools.git#main", Address("git", "git@forge.example:team/tools.git", "main")),
        ("forge:tools", Address("git", "forge:tools")),
        ("git+file:///srv/tools#main:a.toml", Address("git", "file:///srv/tools", "main", "", "a.toml")),
        ("/srv/team", Address("folder", "/srv/team/")),
        ("/srv/team/mine.toml", Address("folder", "/srv/team/", file="mine.toml")),
        ("file:///srv/team", Address("folder", "/srv/team/")),
        ("oci://registry.example/team/catalog:1", Address("artifact", "registry.example/team/catalog:1")),
        ("oci://localhost/team/catalog", Address("artifact", "localhost/team/catalog:latest")),
    ],
)
def test_an_address_says_how_and_from_where(text, address):
    assert Address.parse(text) == address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-u/tmp/x", "is not an address"),
        ("--upload-pack=touch /tmp/x", "is not an address"),
        ("ext::sh -c whoami", "is not an address"),
        ("ext::whoami", "transport helper"),
        ("fd::17", "transport helper"),
        ("git+ext::whoami", "transport helper"),
        ("ext::x://y", "transport helper"),
        ("a@-oProxyCommand:x", "is not an address"),
        ("ssh://-oProxyCommand=x/y", "names no host"),
        ("git+https://-x/y", "names no host"),
        ("http://tools.example/", "is not encrypted"),
        ("http://127.0.0.1.evil.example/", "is not encrypted"),
        ("git+http://127.0.0.1/x", "git over http is not allowed"),
        ("git+git://h/x", "git over git is not allowed"),
        ("git://h/x", "is not an address"),
        ("ftp://h/x", "is not an address"),
        ("https://", "names no host"),
        ("https://h:port/", "names no host"),
        ("https://h/x#frag", "has a fragment"),
        ("https://h/\x1b[31m", "is not an address"),
        ("https://h/a b", "is not an address"),
        ("https://h/a\nb", "is not an address"),
        ("https:\\\\h\\x", "is not an address"),
        ("git@h:x#a..b", "is not a branch"),
        ("git@h:x#-f", "is not a branch"),
        ("git@h:x#main:../up", "is not a folder"),
        ("git@h:x#main:/abs", "is not a folder"),
        ("git@h:x#main:-f", "is not a folder"),
        ("oci://team/catalog:1", "does not begin with a registry"),
        ("oci://registry.example/UP:1", "is not an image"),
        ("relative/folder", "is not an address"),
        ("", "is not an address"),
    ],
)
def test_what_is_none_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        Address.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://ana:hunter2@h/x", "https://***@h/x"),
        ("https://token@h/x?private_token=abc#main", "https://***@h/x?***#main"),
        ("ssh://git@h/x", "ssh://git@h/x"),
        ("/srv/team", "/srv/team"),
        ("fatal: unable to access 'https://a:b@h/'", "fatal: unable to access 'https://***@h/'"),
    ],
)
def test_no_password_is_shown(text, said):
    assert shown(text) == said
