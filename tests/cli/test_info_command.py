"""`applaunch info`: each key as it is written in a catalog."""


def test_values_are_shown_as_a_catalog_has_them(home):
    home.catalog(
        '[apps.tool]\nimage = "docker.io/library/tool:1"\nvolumes = ["~/.tool:/tool:ro", "cache:/cache"]\n'
        'environment = ["TOKEN", "LEVEL=2"]\nports = ["127.0.0.1:8080:80"]\nstop_grace_period = "90s"\n'
    )

    lines = {
        line.split()[0]: line for line in home.run("applaunch", "info", "tool", check=True).stdout.splitlines() if line
    }

    assert '["~/.tool:/tool:ro", "cache:/cache"]' in lines["volumes"]
    assert '["TOKEN", "LEVEL=2"]' in lines["environment"]
    assert '["127.0.0.1:8080:80"]' in lines["ports"]
    assert "stop_grace_period  1m30s" in lines["stop_grace_period"]
