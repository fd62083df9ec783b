"""What the tests of projects write into one, and what they see there."""

DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
BB = "docker.io/library/busybox:latest"


def write(folder, text):
    """Write the catalog of the project in *folder*."""
    (folder / "applaunch.toml").write_text(f"schema = 1\n{text}")


def line(home, folder, name="bb"):
    """Return what would run in *folder*, or the one line that says why nothing does."""
    ended = home.run("applaunch", "run", "--dry-run", name, "x", cwd=folder)
    return ended.stdout or ended.stderr
