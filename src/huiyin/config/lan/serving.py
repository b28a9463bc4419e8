"""What `--lan` comes to in one run: addresses, certificate, and what the children are told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from huiyin.config.lan import authority
from huiyin.config.lan.addresses import host_names, parsed, private_addresses, within
from huiyin.core.terminal import gettext as _


class NoLan(RuntimeError):
    """The house cannot be offered in this network; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Lan:
    """Where phones reach the house: by HTTPS at `port`, the welcome page at the next one."""

    home: Path
    addresses: tuple[str, ...]
    port: int
    certificate: Path
    made_at: float

    @property
    def url(self) -> str:
        return f"https://{self.addresses[0]}:{self.port}/"

    @property
    def welcome_url(self) -> str:
        return f"http://{self.addresses[0]}:{self.port + 1}/"

    @property
    def authority(self) -> Path:
        """The certificate of the house's authority."""
        return authority.authority_file(self.home)

    @property
    def fingerprint(self) -> str:
        return authority.fingerprint(x509.load_pem_x509_certificate(self.authority.read_bytes()))

    def told_to_all(self) -> dict[str, str]:
        """For every web process, the one at the loopback address too: what its pages may show."""
        return {"HUIYIN_LAN": self.url}

    def told_to_phones(self) -> dict[str, str]:
        """For those that phones reach: their names, and one process each, as there are several."""
        names = [*self.addresses, *host_names()]
        origins = [f"https://{name}:{self.port}" for name in names]
        given = {
            name: os.environ.get(name, "").split(",") for name in ("HUIYIN_HOSTS", "HUIYIN_ORIGINS")
        }
        return {
            **self.told_to_all(),
            "HUIYIN_HOSTS": _joined(names, given["HUIYIN_HOSTS"]),
            "HUIYIN_ORIGINS": _joined(origins, given["HUIYIN_ORIGINS"]),
            "HUIYIN_WEB_WORKERS": os.environ.get("HUIYIN_WEB_WORKERS", "1"),
        }

    def web(self, address: str) -> Sequence[str]:
        """The command that serves the pages to phones at one of the addresses."""
        where = ["--host", address, "--port", str(self.port)]
        return ["web", *where, "--certificate", str(self.certificate)]

    def welcome(self) -> Sequence[str]:
        return [
            "welcome",
            "--port",
            str(self.port + 1),
            "--https-port",
            str(self.port),
            *self.addresses,
        ]


def open_lan(home: Path, wanted: str, *, port: int, now: datetime) -> Lan:
    """Make what is missing and say where phones reach the house. Raises NoLan.

    `wanted` holds addresses, separated by commas; "" takes all private ones of this machine.
    """
    addresses = addresses_for(wanted)
    certificate = authority.server_certificate(home, addresses, now=now)
    return Lan(home, addresses, port, certificate, certificate.stat().st_mtime)


def has_changed(lan: Lan, wanted: str, *, now: datetime) -> bool:
    """Whether the network or the certificate is another one by now; renews what is near its end."""
    try:
        again = open_lan(lan.home, wanted, port=lan.port, now=now)
    except NoLan:
        return False  # the cable is out; what serves goes on until there is something better
    return again != lan


def addresses_for(wanted: str) -> tuple[str, ...]:
    """The addresses that are meant; `wanted` as for `open_lan`. Raises NoLan."""
    try:
        addresses = parsed(wanted) if wanted else private_addresses()
    except ValueError as error:
        raise NoLan(
            _("--lan %(given)s：%(why)s；例如写成 --lan 192.168.1.20")
            % {"given": wanted, "why": error}
        ) from error
    if not addresses:
        raise NoLan(
            _(
                "这台机器没有内网地址（10.*、172.16-31.*、192.168.*）；请接入手机所在的网络，或写明一个地址：--lan 192.168.1.20"
            )
        )
    if not within(addresses, authority.NETWORKS):
        raise NoLan(
            _("--lan %s：自建的证书只用于内网地址；公网地址请在前面加一个有证书的代理") % wanted
        )
    return addresses


def _joined(ours: Sequence[str], given: Sequence[str]) -> str:
    return ",".join([*ours, *(each for each in given if each and each not in ours)])
