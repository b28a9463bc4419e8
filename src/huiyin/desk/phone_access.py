"""手机访问: how the phones in the building reach the house, on a page and for those outside yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huiyin.ui import qr


@dataclass(frozen=True)
class PhoneAccess:
    """Where `serve --lan` offers the house: `url` over TLS, and the welcome page one port on.

    The other two are paths of that page.
    """

    url: str
    profile_url: str = "/huiyin.mobileconfig"
    certificate_url: str = "/huiyin.crt"

    @property
    def welcome_url(self) -> str:
        at = urlsplit(self.url)
        return f"http://{at.hostname}:{(at.port or 443) + 1}/"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate, as phones show it."""
        text = Path(settings.HUIYIN_LAN_AUTHORITY).read_bytes()
        return x509.load_pem_x509_certificate(text).fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def drawn_url(self) -> SafeString:
        return qr.drawn(self.url, label=_("二维码：%s") % self.url)

    @property
    def drawn_welcome_url(self) -> SafeString:
        return qr.drawn(self.welcome_url, label=_("二维码：%s") % self.welcome_url)


def current() -> PhoneAccess | None:
    """How phones reach the house in this run; None without `--lan`."""
    return PhoneAccess(settings.HUIYIN_LAN) if settings.HUIYIN_LAN else None


USUAL_PORT = "8000"


def command(port: str) -> str:
    """What to type so that phones reach the house, which now answers at a port of the machine."""
    elsewhere = "" if port == USUAL_PORT else f" --port {port}"
    return f"{settings.HUIYIN_COMMAND} serve --lan{elsewhere}"


def welcome_page(url: str) -> str:
    """The page for phones that do not trust the house yet, in every language of the house."""
    said = []
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            context = {"access": PhoneAccess(url), "language": code}
            said.append(render_to_string("desk/_phone_welcome.html", context))
    return render_to_string("desk/phone_welcome.html", {"said": said})


def welcome_style() -> str:
    """The look of that page: the tokens and the base of all pages, without fonts to fetch."""
    files = ("ui/css/reset.css", "ui/css/tokens.css", "ui/css/base.css", "desk/css/welcome.css")
    return "\n".join(Path(str(finders.find(each))).read_text("utf-8") for each in files)
