import pytest

from launcher.core.remotes.source_url import SourceUrl, redact_url
from launcher.core.values.invalid_value import InvalidValueError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://tools.example/team", SourceUrl("web", "https://tools.example/team/")),
        ("https://tools.example/team/", SourceUrl("web", "https://tools.example/team/")),
        ("https://tools.example", SourceUrl("web", "https://tools.example/")),
        ("https://tools.example/a/tools.toml", SourceUrl("web", "https://tools.example/a/", file="tools.toml")),
        ("https://tools.example:8443/a?k=v", SourceUrl("web", "https://tools.example:8443/a/?k=v")),
        ("http://127.0.0.1:8000/", SourceUrl("web", "http://127.0.0.1:8000/")),
        ("http://[::1]:8000/", SourceUrl("web", "http://[::1]:8000/")),
        ("http://localhost/x", SourceUrl("web", "http://localhost/x/")),
        ("git+https://forge.example/team/tools", SourceUrl("git", "https://forge.example/team/tools")),
        ("https://forge.example/team/tools.git#v1", SourceUrl("git", "https://forge.example/team/tools.git", "v1")),
        (f"git+ssh://git@h/t#{COMMIT}:sub/dir", SourceUrl("git", "ssh://git@h/t", COMMIT, "sub/dir")),
        ("ssh://git@forge.example/t", SourceUrl("git", "ssh://git@forge.example/t")),
        ("git@forge.example:team/tools.git#main", SourceUrl("git", "git@forge.example:team/tools.git", "main")),
        ("forge:tools", SourceUrl("git", "forge:tools")),
        ("git+file:///srv/tools#main:a.toml", SourceUrl("git", "file:///srv/tools", "main", "", "a.toml")),
        ("/srv/team", SourceUrl("folder", "/srv/team/")),
        ("/srv/team/mine.toml", SourceUrl("folder", "/srv/team/", file="mine.toml")),
        ("file:///srv/team", SourceUrl("folder", "/srv/team/")),
        ("oci://registry.example/team/catalog:1", SourceUrl("artifact", "registry.example/team/catalog:1")),
        ("oci://localhost/team/catalog", SourceUrl("artifact", "localhost/team/catalog:latest")),
    ],
)
def test_a_url_is_parsed(text, address):
    assert SourceUrl.parse(text) == address


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
        ("ssh://-oProxyCommand=x/y", "has no valid host"),
        ("git+https://-x/y", "has no valid host"),
        ("http://tools.example/", "is not encrypted"),
        ("http://127.0.0.1.evil.example/", "is not encrypted"),
        ("git+http://127.0.0.1/x", "git over http is not allowed"),
        ("git+git://h/x", "git over git is not allowed"),
        ("git://h/x", "is not an address"),
        ("ftp://h/x", "is not an address"),
        ("https://", "has no valid host"),
        ("https://h:port/", "has no valid host"),
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
def test_an_invalid_url_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why):
        SourceUrl.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://ana:hunter2@h/x", "https://***@h/x"),
        ("https://token@h/x?private_token=abc#main", "https://***@h/x?***#main"),
        ("ssh://git@h/x", "ssh://git@h/x"),
        ("/srv/team", "/srv/team"),
        ("fatal: unable to access 'https://a:b@h/'", "fatal: unable to access 'https://***@h/'"),
    ],
)
def test_passwords_are_masked(text, message):
    assert redact_url(text) == message
