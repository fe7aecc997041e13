"""A real S3 server on loopback, and a front of it that fails as real stores do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import httpx

from gateways.files.objects import Bucket


@dataclass(frozen=True, slots=True)
class S3:
    """Where the server is."""

    endpoint: str

    def bucket(self, prefix: str = "kept") -> Bucket:
        """A new, empty one."""
        name = f"media-{uuid4().hex}"
        httpx.put(f"{self.endpoint}/{name}").raise_for_status()
        return Bucket(name=name, prefix=prefix, endpoint=self.endpoint, access_key="only-for-tests", secret_key="a secret word")

    def listed(self, bucket: Bucket, what: str = "?list-type=2") -> str:
        return httpx.get(f"{self.endpoint}/{bucket.name}{what}").text


@dataclass
class Front:
    """Passes calls on to the server; answers those that `refuses` speaks of itself, and holds those that end an upload in parts."""

    behind: str
    refuses: tuple[int, str] | None = None
    holds_ends: bool = False
    is_held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    endpoint: str = ""


@contextmanager
def front_of(s3: S3) -> Iterator[Front]:
    front = Front(s3.endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if front.refuses is not None:
                self._say(front.refuses[0], f"<Error><Code>{front.refuses[1]}</Code></Error>".encode())
                return
            if front.holds_ends and self.command == "POST" and "uploadId=" in self.path:
                front.is_held.set()
                front.released.wait(30)
                self.close_connection = True
                return
            headers = {name: word for name, word in self.headers.items() if name.lower() != "host"}
            given = httpx.request(self.command, front.behind + self.path, content=body, headers=headers)
            self._say(given.status_code, given.content, dict(given.headers))

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

        def _say(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response_only(status)
            for name, word in (headers or {"content-length": str(len(content))}).items():
                self.send_header(name, word)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    front.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield front
    finally:
        front.released.set()
        server.shutdown()
        server.server_close()
