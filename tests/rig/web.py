"""A small web server that both this machine and a container can reach, under the addresses each of them knows."""

import functools
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple


class Web(NamedTuple):
    """Where the folder is served."""

    port: int
    url: str  # from this machine, and from a container with the host's network
    container_url: str  # from a container on the default bridge: its own 127.0.0.1 is another one


@contextmanager
def serve(folder: Path, container_host: str, port: int = 0) -> Iterator[Web]:
    """Serve *folder* on loopback and on the bridge until the block ends; a *port* of 0 takes a free one."""
    handler = functools.partial(_Silent, directory=str(folder))
    with ExitStack() as stack:
        first = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", port), handler))
        servers = [first]
        with suppress(OSError):  # an engine in another machine: its bridge is not here
            servers.append(stack.enter_context(ThreadingHTTPServer((container_host, first.server_port), handler)))
        for each in servers:
            each.daemon_threads = True
            threading.Thread(target=each.serve_forever, daemon=True).start()
            stack.callback(each.shutdown)
        found = first.server_port
        yield Web(found, f"http://127.0.0.1:{found}", f"http://{container_host}:{found}")


class _Silent(SimpleHTTPRequestHandler):
    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file; a client that has seen enough goes away, as yt-dlp does after its first look."""
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is the test's."""
