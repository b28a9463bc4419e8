"""A small certificate authority for one house, and the certificate of its server.

Phones are asked to trust it, so it can vouch for nothing else: its name constraints hold it to
private addresses and to the names of this machine. Its key lies in the data folder and signs
nothing but the server's certificate, which is made anew when addresses change or its end is near.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from huiyin.config.lan.addresses import host_names

AUTHORITY_DAYS = 3652  # ten years
CERTIFICATE_DAYS = 397  # what browsers accept at most of a public one
RENEWED_BEFORE = timedelta(days=30)
SKEW = timedelta(days=1)  # a phone's clock may be behind

# Loopback is for trying it on the machine itself, 100.64/10 for private networks over others.
NETWORKS = tuple(
    map(
        ipaddress.IPv4Network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
         "127.0.0.0/8"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority of the house: its certificate, and the key that only serving needs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def folder_of(home: Path) -> Path:
    return home / "lan"


def authority_file(home: Path) -> Path:
    """The authority's certificate, which phones get; PEM."""
    return folder_of(home) / "authority.crt"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 as phones show it: pairs of hexadecimal signs."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def authority(home: Path, *, now: datetime) -> Authority:
    """The authority, made at the first use, and again when its ten years are over."""
    both = folder_of(home) / "authority.pem"
    if both.exists():
        found = _read(both)
        if found.certificate.not_valid_after_utc - now > RENEWED_BEFORE:
            return found
    made = _made_authority(now)
    _write(both, [_key_text(made.key), _text(made.certificate)], secret=True)
    _write(authority_file(home), [_text(made.certificate)], secret=False)
    return made


def server_certificate(home: Path, addresses: Sequence[str], *, now: datetime) -> Path:
    """The file with certificate and key for these addresses; a fresh one where it must be."""
    path = folder_of(home) / "server.pem"
    by = authority(home, now=now)
    if not (path.exists() and is_good(path, addresses, by=by, now=now)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(key, addresses, by=by, now=now)
        _write(path, [_key_text(key), _text(certificate)], secret=True)
    return path


def is_good(path: Path, addresses: Sequence[str], *, by: Authority, now: datetime) -> bool:
    """Whether the certificate is the authority's, for all the addresses, and not near its end."""
    certificate = _read(path).certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    called = set(names.get_values_for_type(x509.DNSName))
    return (
        certificate.issuer == by.certificate.subject
        and held >= set(addresses)
        and called >= set(_vouched_names(by.certificate))
        and certificate.not_valid_after_utc - now > RENEWED_BEFORE
    )


def _made_authority(now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own: a phone may know the authorities of several houses.
    name = _name(f"Huiyin {socket.gethostname()[:40]} {secrets.token_hex(3)}")
    permitted = [x509.IPAddress(network) for network in NETWORKS]
    names = [x509.DNSName(each) for each in host_names()]
    certificate = (
        _builder(name, name, key, now=now, days=AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.NameConstraints(
                permitted_subtrees=[*permitted, *(names or [x509.DNSName("invalid")])],
                excluded_subtrees=None,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def _signed(
    key: ec.EllipticCurvePrivateKey, addresses: Sequence[str], *, by: Authority, now: datetime
) -> x509.Certificate:
    names: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.IPv4Address(each)) for each in addresses
    ]
    names += [x509.DNSName(each) for each in _vouched_names(by.certificate)]
    issuer = by.certificate.subject
    authority_key = by.key.public_key()
    return (
        _builder(_name("Huiyin"), issuer, key, now=now, days=CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key), critical=False
        )
        .sign(by.key, hashes.SHA256())
    )


def _vouched_names(certificate: x509.Certificate) -> list[str]:
    """The machine's names, as far as the authority may vouch for them: it may have been renamed."""
    held = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = {each.value for each in held.permitted_subtrees or []}
    return [each for each in host_names() if each in permitted]


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    begins = now - SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _read(path: Path) -> Authority:
    text = path.read_bytes()
    key = serialization.load_pem_private_key(text, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(x509.load_pem_x509_certificate(text), key)


def _text(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, parts: Sequence[bytes], *, secret: bool) -> None:
    """Key and certificate in one file, so that they change together; whole or not at all."""
    if not path.parent.exists():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o755)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
    with os.fdopen(handle, "wb") as file:
        file.write(b"".join(parts))
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
