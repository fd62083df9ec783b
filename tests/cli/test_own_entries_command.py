"""What a person sees of the entries in their own catalog when an app goes, and when they forget one."""

IMAGE = "docker.io/library/busybox:latest"


def search(home):
    return home.run("applaunch", "search", "greet", "--json").stdout


def test_remove_says_that_the_entry_of_add_goes_and_search_finds_it_no_more(home):
    home.run("applaunch", "add", "greet", "--image", IMAGE, "--network", "none", check=True)

    shown = home.run("applaunch", "remove", "greet", check=True).stdout

    assert "removed: [apps.greet] from ~/.config/applaunch/catalog.toml\n" in shown
    assert search(home) == "[]\n"
    home.run("applaunch", "history", "undo", "last", "-y", check=True)
    assert '"installed": true' in search(home)


def test_remove_says_that_an_edited_entry_stays_and_what_removes_it(home):
    path = home.catalog(f'[apps.greet]\nimage = "{IMAGE}"\n')
    home.run("applaunch", "add", "greet", check=True)

    shown = home.run("applaunch", "remove", "greet", check=True).stdout

    assert "kept: [apps.greet] in ~/.config/applaunch/catalog.toml; applaunch catalog forget greet\n" in shown
    forgotten = home.run("applaunch", "catalog", "forget", "greet", check=True).stdout
    assert (
        forgotten
        == f'removed: [apps.greet] from ~/.config/applaunch/catalog.toml\n  [apps.greet]\n  image = "{IMAGE}"\n'
    )
    assert "greet" not in path.read_text()
    assert search(home) == "[]\n"


def test_forget_prints_hostile_text_escaped(home):
    home.catalog(f'[apps.greet]\nimage = "{IMAGE}"\ndescription = "a\\u001b[2Jb\\u202ec"\n')

    shown = home.run("applaunch", "catalog", "forget", "greet", check=True).stdout

    assert "\x1b" not in shown
    assert "\u202e" not in shown
