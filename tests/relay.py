"""What stands before an engine in tests of its going away, and of its hanging."""

import contextlib
import select
import socket
import threading


class Relay:
    """Stands before the real engine's socket; when it is cut, the engine is gone for whoever came through it.

    While it holds, the engine hangs: connections are accepted, and nothing is answered.
    """

    def __init__(self, path, engine):
        self.path, self.engine = path, engine
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o666)  # whoever the test's programs run as
        self.listener.listen()
        self.ends = []
        self.flows = threading.Event()
        self.flows.set()
        self.held = threading.Event()
        self.words, self.answered, self.begun = b"", False, False
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self.ends += [near, far]
                far.connect(self.engine)
                threading.Thread(target=self.carry, args=(near, far), daemon=True).start()

    def carry(self, near, far):
        asked = False
        with contextlib.suppress(OSError, ValueError):
            while True:
                for each in select.select([near, far], [], [])[0]:
                    data = each.recv(65536)
                    other = far if each is near else near
                    asked = asked or (each is near and bool(self.words) and self.words in data)
                    holds = asked and self.answered is (each is far)
                    asked = asked and not holds
                    if holds and not self.begun:
                        self.hold()
                    self.flows.wait()
                    if data:
                        other.sendall(data)
                        if holds and self.begun:
                            self.hold()
                    else:
                        other.shutdown(socket.SHUT_WR)
                        return self.rest(other, each)

    def rest(self, reading, writing):
        while data := reading.recv(65536):
            self.flows.wait()
            writing.sendall(data)
        writing.shutdown(socket.SHUT_WR)

    def hold_at(self, words, *, answered=False, begun=False):
        """Hang once a request with these *words* comes: before the engine sees it, or when it has *answered*.

        Where the answer has *begun*, its first bytes reach whoever asked.
        """
        self.words, self.answered, self.begun = words, answered, begun

    def hold(self):
        """Hang now."""
        self.words = b""
        self.flows.clear()
        self.held.set()

    def go_on(self):
        """Answer again; all that was asked meanwhile reaches the engine."""
        self.words = b""
        self.flows.set()
        self.held.clear()

    def cut(self):
        self.go_on()
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join()
        for each in self.ends:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
