import pytest

from launcher.core.catalog.publish_rules import refuse_violations, violations
from launcher.errors import CatalogError
from tests.core.examples import catalog

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[apps.x]\nimage = 'jq'", "c.toml: [apps.x]: image 'jq' is a short name, which is not allowed in a published catalog; write docker.io/library/jq"),
        ("[apps]\nx = 'jqlang/jq:1'", "c.toml: [apps.x]: image 'jqlang/jq:1' is a short name, which is not allowed in a published catalog; write docker.io/jqlang/jq:1"),
        ("[apps.x.commands.y]\nimage = 'jq'", "c.toml: [apps.x.commands.y]: image 'jq' is a short name, which is not allowed in a published catalog; write docker.io/library/jq"),
        ("[defaults]\nimage = 'jq'", "c.toml: [defaults]: image 'jq' is a short name, which is not allowed in a published catalog; write docker.io/library/jq"),
        ("[apps.x]\nenv_file = '~/.env'", "c.toml: [apps.x]: 'env_file' is not allowed in a published catalog; write the variables under 'environment'"),
        ("[apps.x.commands.y]\nenv_file = 'x'", "c.toml: [apps.x.commands.y]: 'env_file' is not allowed in a published catalog; write the variables under 'environment'"),
        ("[apps.x]\nruntime = 'bubblewrap'", "c.toml: [apps.x]: runtime = 'bubblewrap' is not allowed in a published catalog; leave it out: each user decides that"),
        ("[defaults]\nruntime = 'bubblewrap'", "c.toml: [defaults]: runtime = 'bubblewrap' is not allowed in a published catalog; leave it out: each user decides that"),
        ("[apps.x.commands.y]\nruntime = 'bubblewrap'", "c.toml: [apps.x.commands.y]: runtime = 'bubblewrap' is not allowed in a published catalog; leave it out: each user decides that"),
        ("[apps.x.build]\ndockerfile = 'Dockerfile'", "c.toml: [apps.x]: build.dockerfile is not allowed in a published catalog; use dockerfile_inline"),
        ("[apps.x.build]\ncontext = '.'", "c.toml: [apps.x]: build.context '.' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
        ("[apps.x]\nbuild = '/etc'", "c.toml: [apps.x]: build.context '/etc' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
        ("[apps.x]\nbuild = '~/src'", "c.toml: [apps.x]: build.context '~/src' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
        ("[defaults]\nbuild = '.'", "c.toml: [defaults]: build.context '.' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
        ("[apps.x.commands.y]\nbuild = '/etc'", "c.toml: [apps.x.commands.y]: build.context '/etc' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
        ("[apps.x.build]\ndockerfile_inline = 'FROM a'\nadditional_contexts = { host = '/etc' }", "c.toml: [apps.x]: build.additional_contexts is not allowed in a published catalog; use dockerfile_inline"),
        ("[apps.x.build]\ncontext = 'https://h/r.git#main'", "c.toml: [apps.x]: build.context 'https://h/r.git#main' is not a repository at a commit; write https://HOST/REPOSITORY.git#COMMIT"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_in_a_published_catalog_is_refused(text, message):
    with pytest.raises(CatalogError) as refused:
        refuse_violations(catalog(text, path="c.toml"))

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "[apps]\nx = 'docker.io/library/jq:1'",
        "[apps.x]\nimage = 'localhost/jq'",
        "[apps.x]\nimage = 'registry:5000/jq'",
        "[apps.x]\nimage = 'ghcr.io/jqlang/jq@sha256:" + "0" * 64 + "'",
        f"[apps.x]\nbuild = 'https://forge.example/r.git#{COMMIT}'",
        "[apps.x.build]\ndockerfile_inline = 'FROM docker.io/library/alpine:3'",
        f"[apps.x.build]\ncontext = 'https://forge.example/r.git#{COMMIT}:sub'",
        f"[apps.x.build]\ncontext = 'git@forge.example:r.git#{COMMIT}'",
        "[apps.x]\nruntime = 'engine'",
        "[apps.x]\nruntime = 'auto'",
        "[apps]\nx = 5",
        "[apps.x]\nimage = 5\ncommands = 5\nbuild = 5",
    ],
)
def test_everything_else_is_allowed(text):
    assert list(violations(catalog(text))) == []
