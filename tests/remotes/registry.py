"""A registry in memory, for tests of how remotes handle its responses."""

import hashlib


class FakeRegistry:
    """Holds artifacts in memory."""

    def __init__(self, artifacts=None):
        self.artifacts = dict(artifacts or {})
        self.pulled = []

    def digest(self, ref):
        found = self.artifacts.get(ref)
        return f"sha256:{hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()}" if found else ""

    def pull(self, ref, largest):
        self.pulled.append(ref)
        found = self.artifacts[ref.partition("@")[0]]
        assert sum(map(len, found.values())) <= largest
        return found

    def push(self, ref, files):
        self.artifacts[ref] = dict(files)
        return self.digest(ref)
