"""Apps held and let go."""


def test_whoever_lets_an_app_go_is_told_that_its_next_call_runs_another_image(home):
    home.catalog('apps.bb = "busybox"\napps.cc = "docker.io/library/busybox:1"')
    home.run("applaunch", "add", "bb", "cc", check=True)
    home.run("applaunch", "pin", "bb", "cc", check=True)
    home.catalog('apps.bb = "busybox"\napps.cc = "docker.io/library/busybox:2"')

    done = home.run("applaunch", "unpin", "bb", "cc", check=True)

    notes = [line for line in done.stdout.splitlines() if line.startswith("note:")]
    assert notes == ["note: your catalog says docker.io/library/busybox:2; the next call of cc runs that"]
