"""Where this machine can be reached in its own network."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from pathlib import Path

ROUTES = Path("/proc/net/fib_trie")
PRIVATE = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
SOMEWHERE = ("10.255.255.255", 9)  # where the way leads tells which address we have


def private_addresses() -> tuple[str, ...]:
    """The private IPv4 addresses of this machine; first the one that others reach it under."""
    found = sorted(_local(ROUTES.read_text()), key=ipaddress.IPv4Address)
    private = [each for each in found if any(ipaddress.IPv4Address(each) in n for n in PRIVATE)]
    main = _main_address()
    return tuple(sorted(private, key=lambda each: each != main))


def _local(routes: str) -> set[str]:
    """The machine's own addresses in the kernel's table: a leaf that says "host LOCAL"."""
    return set(re.findall(r"\|-- ([\d.]+)\n\s+/32 host LOCAL", routes))


def _main_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)  # UDP: nothing is sent
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def host_names() -> tuple[str, ...]:
    """How the machine is called in its network: name.local, where mDNS is on, and its name."""
    label = socket.gethostname().split(".")[0].lower()
    return (f"{label}.local", label) if LABEL.fullmatch(label) else ()


def parsed(text: str) -> tuple[str, ...]:
    """Addresses that somebody wrote, separated by commas. Raises ValueError naming the wrong one."""
    return tuple(str(ipaddress.IPv4Address(part.strip())) for part in text.split(","))


def within(addresses: Iterable[str], networks: Iterable[ipaddress.IPv4Network]) -> bool:
    networks = list(networks)
    return all(any(ipaddress.IPv4Address(a) in n for n in networks) for a in addresses)
