"""A published catalog, and a home with the remote `team`, for tests of commands."""

from tests.remotes.publisher import CATALOG, publish


class Team:
    """A published folder, and the home that has it as the remote `team`."""

    def __init__(self, home, folder, keys, answer):
        self.home, self.folder, self.keys, self.answer = home, folder, keys, answer

    def publish(self, serial=1, by="ana", text=CATALOG, **more):
        return publish(self.folder, self.keys[by] if by else None, serial, text, **more)

    def add(self, *words, name="team", url=None, code=0):
        done = self.home.run("applaunch", "remote", "add", name, url or self.folder, *words)
        assert done.returncode == code, done.stderr
        return done

    def added(self, **how):
        """Publish, and add the remote."""
        self.publish(**how)
        self.add("--key", f"{self.keys['ana'].path}.pub")
        return self

    def update(self, code=0):
        done = self.home.run("applaunch", "remote", "update")
        assert done.returncode == code, done.stderr
        return done.stderr + done.stdout

    def seen(self, name="team"):
        return next(each for each in self.answer("remote", "list") if each["name"] == name)

    def key(self, name):
        return self.keys[name].public.fingerprint
