"""A hub of models on 127.0.0.1: as much of the Hugging Face hub's API as fetching needs."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import close_session, constants


@dataclass
class Hub:
    """One repository, served; what was asked for is kept."""

    repository: str
    revision: str
    files: Mapping[str, bytes]
    endpoint: str = ""
    break_at: dict[str, int] = field(default_factory=dict)
    """Bytes of a file after which it answers no more, until taken out."""
    spoil: set[str] = field(default_factory=set)
    """Files whose bytes are not what is listed."""
    status: int = 200
    """What every answer is, if not 200."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Paths and their Range, in order."""
    tokens: set[str] = field(default_factory=set)

    def listing(self) -> dict[str, object]:
        """What the hub says of the repository."""
        entries = [self._entry(name, content) for name, content in self.files.items()]
        return {"id": self.repository, "sha": self.revision, "siblings": entries}

    @staticmethod
    def _entry(name: str, content: bytes) -> dict[str, object]:
        blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
        entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": blob}
        if name.endswith((".bin", ".safetensors")):
            sha256 = hashlib.sha256(content).hexdigest()
            entry["lfs"] = {"sha256": sha256, "size": len(content), "pointerSize": 134}
        return entry


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub, listening as long as the context is open."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def be_asked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have huggingface_hub ask this hub, directly, whatever proxies are set."""
    close_session()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    template = hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append((path, self.headers.get("Range", "")))
            hub.tokens.add(self.headers.get("Authorization", ""))
            file = path.removeprefix(f"/{hub.repository}/resolve/{hub.revision}/")
            if hub.status != 200:
                self._answer(hub.status, b"no")
            elif path == f"/api/models/{hub.repository}/revision/{hub.revision}":
                self._answer(200, json.dumps(hub.listing()).encode())
            elif file in hub.files:
                self._file(file)
            else:
                self._answer(404, b"no such thing")

        def _file(self, name: str) -> None:
            content = hub.files[name]
            if name in hub.spoil:
                content = bytes(len(content))
            asked = self.headers.get("Range", "")
            first = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            if name in hub.break_at and first >= hub.break_at[name]:
                self._answer(503, b"overloaded")
                return
            span = f"bytes {first}-{len(content) - 1}/{len(content)}"
            end = hub.break_at.get(name, len(content))
            headers = {"Content-Range": span} if asked else {}
            self._answer(206 if asked else 200, content[first:end], len(content) - first, **headers)

        def _answer(
            self, status: int, body: bytes, length: int | None = None, **headers: str
        ) -> None:
            self.send_response(status)
            told = {"Content-Length": str(length or len(body)), **headers}
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
