"""The page that hands phones the authority's certificate: over plain HTTP, and nothing else.

A phone cannot reach the house over TLS before it trusts the certificate, so it gets it here; the
fingerprint on the computer's own screen tells that it is the right one.
"""

from __future__ import annotations

import base64
import plistlib
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from huiyin.config.lan import authority

PATIENCE = 10  # seconds for a request to arrive
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One answer, the same for everybody."""

    media_type: str
    content: bytes
    file_name: str = ""


def parts(home: Path, page: str, style: str) -> Mapping[str, Part]:
    """Everything there is, by path."""
    certificate = x509.load_pem_x509_certificate(authority.authority_file(home).read_bytes())
    raw = certificate.public_bytes(serialization.Encoding.DER)
    return {
        "/": Part("text/html; charset=utf-8", page.encode()),
        "/style.css": Part("text/css; charset=utf-8", style.encode()),
        "/huiyin.crt": Part("application/x-x509-ca-cert", raw, "huiyin.crt"),
        "/huiyin.mobileconfig": Part(
            "application/x-apple-aspen-config", profile(raw), "huiyin.mobileconfig"
        ),
    }


def profile(certificate: bytes) -> bytes:
    """A configuration profile that offers an iPhone the authority's certificate."""
    # The same certificate gets the same ids, so that a second installation replaces the first.
    inner, outer = (
        uuid.uuid5(uuid.NAMESPACE_URL, f"{base64.b64encode(certificate)!r}{part}") for part in "io"
    )
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"huiyin.{outer}",
            "PayloadUUID": str(outer),
            "PayloadDisplayName": "Huiyin",
            "PayloadContent": [
                {
                    "PayloadType": "com.apple.security.root",
                    "PayloadVersion": 1,
                    "PayloadIdentifier": f"huiyin.{inner}",
                    "PayloadUUID": str(inner),
                    "PayloadDisplayName": "Huiyin",
                    "PayloadContent": certificate,
                }
            ],
        }
    )


def serve(addresses: Sequence[str], port: int, answers: Mapping[str, Part]) -> None:
    """Answer at every address until the process is ended."""
    servers = [_Server((address, port), _handler(answers)) for address in addresses]
    threads = [threading.Thread(target=each.serve_forever, daemon=True) for each in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 16


def _handler(answers: Mapping[str, Part]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "huiyin"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(with_content=True)

        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def _answer(self, *, with_content: bool) -> None:
            part = answers.get(self.path.partition("?")[0])
            if part is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", part.media_type)
            self.send_header("Content-Length", str(len(part.content)))
            for name, value in HEADERS.items():
                self.send_header(name, value)
            if part.file_name:
                self.send_header("Content-Disposition", f'attachment; filename="{part.file_name}"')
            self.end_headers()
            if with_content:
                self.wfile.write(part.content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: it is the terminal of whoever serves."""

    return Handler
