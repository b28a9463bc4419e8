"""Verifies a ledger without the house: standard library only, one file to read and to trust.

    python verifying.py LEDGER [CHECKPOINT]

LEDGER is what `huiyin ledger export` wrote: each seal, one JSON object a line, followed by its
facts, one JSON array a line; last the facts that no seal covers yet. CHECKPOINT is what
`huiyin ledger checkpoint` wrote at an earlier time and somebody else kept.

A seal has a leaf for each of its facts, the Merkle root over the leaves (RFC 6962: a leaf is
SHA-256 of 00 and the line, a node of 01, left and right), and a chain over all that it says and the
chain of the seal before. A fact that was changed, removed or put in afterwards is named. Whoever
rewrote the leaf as well is found by the root: then the run is named. Whoever rewrote all of it is
found by a checkpoint that he could not reach. Exit status: 0 whole, 1 not, 2 not readable.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FORMAT = {"huiyin-ledger": 1}
FIRST = "0" * 64
"""What the first seal is chained to."""

WORDS = {
    "changed": "事实 {what} 被更改 · fact {what} was changed",
    "removed": "事实 {what} 被移走 · fact {what} was removed",
    "inserted": "事实 {what} 是事后塞入的 · fact {what} was put in afterwards",
    "run": "封存 {what} 的叶与根不符 · the leaves of seal {what} are not those of its root",
    "chain": "封存 {what} 与前一个接不上 · seal {what} does not follow the one before",
    "missing": "封存 {what} 不见了 · seal {what} is missing",
    "checkpoint": "封存 {what} 不是检查点记下的 · seal {what} is not that of the checkpoint",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: a key of WORDS, and the id of the fact or the number of the seal."""

    kind: str
    what: int

    def __str__(self) -> str:
        return WORDS[self.kind].format(what=self.what)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One seal. It covers ``facts``, in the order of their transactions; ``leaves`` has 32 bytes each.

    ``last`` is the transaction and the id up to which everything is sealed, ``after`` the id after
    which the facts of its ``epoch`` begin: a restored house counts transactions from anew.
    """

    number: int
    epoch: int
    after: int
    at: str
    last: tuple[int, int]
    facts: Sequence[int]
    leaves: bytes
    root: str
    previous: str
    chain: str

    def leaf(self, place: int) -> bytes:
        return self.leaves[32 * place : 32 * place + 32]

    @property
    def said(self) -> str:
        """The chain as it follows from everything else."""
        last = [str(self.last[0]), self.last[1]]
        told = [self.number, self.epoch, self.after, self.at, last, len(self.facts), self.root]
        return hashlib.sha256(json.dumps([*told, self.previous]).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "seal": self.number,
            "epoch": self.epoch,
            "after": self.after,
            "at": self.at,
            "last": [str(self.last[0]), self.last[1]],
            "facts": list(self.facts),
            "leaves": self.leaves.hex(),
            "root": self.root,
            "previous": self.previous,
            "chain": self.chain,
        }

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Sealed:
        xact, fact = given["last"]
        return cls(
            given["seal"], given["epoch"], given["after"], given["at"], (int(xact), fact),
            given["facts"], bytes.fromhex(given["leaves"]), given["root"], given["previous"],
            given["chain"],
        )  # fmt: skip


def leaf_of(line: str) -> bytes:
    """The leaf of a fact as it is written out."""
    return hashlib.sha256(b"\0" + line.encode()).digest()


def root_of(leaves: bytes) -> str:
    """The Merkle root over leaves of 32 bytes each; RFC 6962, section 2.1."""
    level = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs]
        # The one without a partner goes up as it is.
        level = above if len(level) % 2 == 0 else [*above, level[-1]]
    return level[0].hex()


def check_seal(seal: Sealed, lines: Mapping[int, str]) -> Iterator[Finding]:
    """The facts of a seal against its leaves, and the leaves against its root."""
    for place, fact in enumerate(seal.facts):
        line = lines.get(fact)
        if line is None:
            yield Finding("removed", fact)
        elif leaf_of(line) != seal.leaf(place):
            yield Finding("changed", fact)
    if len(seal.leaves) != 32 * len(seal.facts) or root_of(seal.leaves) != seal.root:
        yield Finding("run", seal.number)


def check_chain(seal: Sealed, before: Sealed | None) -> Iterator[Finding]:
    """A seal against itself and the one before."""
    expected = 1 if before is None else before.number + 1
    yield from (Finding("missing", number) for number in range(expected, seal.number))
    if seal.number == expected:
        previous = FIRST if before is None else before.chain
        if seal.previous != previous or seal.chain != seal.said:
            yield Finding("chain", seal.number)


def check_unsealed(facts: Iterable[Sequence[Any]], last: Sealed | None) -> Iterator[Finding]:
    """(id, transaction) of facts that no seal covers: none may be older than the last seal."""
    for fact, xact in facts:
        if last and (fact <= last.after or (int(xact), fact) <= last.last):
            yield Finding("inserted", fact)


def check_checkpoint(seals: Mapping[int, str], kept: Mapping[str, Any]) -> Iterator[Finding]:
    """``seals``: number → chain. The seal that a checkpoint names has to be there as it was."""
    number = kept["seal"]
    if number not in seals:
        yield Finding("missing", number)
    elif seals[number] != kept["chain"]:
        yield Finding("checkpoint", number)


@dataclass
class Verified:
    """How much was looked at, and the chain of each seal."""

    facts: int
    chains: dict[int, str]


def verify(lines: Iterable[str], verified: Verified) -> Iterator[Finding]:
    """Everything that is wrong with an exported ledger. Raises ValueError for another file."""
    rows = iter(lines)
    if json.loads(next(rows, "null")) != FORMAT:
        raise ValueError("no ledger")
    before: Sealed | None = None
    seal: Sealed | None = None
    here: dict[int, str] = {}
    loose: list[tuple[int, str]] = []
    for row in (each.rstrip("\n") for each in rows):
        if row.startswith("{"):
            if seal is not None:
                yield from check_seal(seal, here)
                loose += _loose(seal, here)
                before = seal
            seal, here = Sealed.of(json.loads(row)), {}
            yield from check_chain(seal, before)
            verified.chains[seal.number] = seal.chain
        else:
            here[int(row[1 : row.index(",")])] = row
            verified.facts += 1
    if seal is not None:
        yield from check_seal(seal, here)
    loose += _loose(seal, here)
    yield from check_unsealed(loose, seal)


def _loose(seal: Sealed | None, here: Mapping[int, str]) -> list[tuple[int, str]]:
    """The facts of a group that its seal does not cover."""
    covered = set(seal.facts) if seal else set()
    return [(fact, json.loads(line)[-1]) for fact, line in here.items() if fact not in covered]


def main(arguments: Sequence[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    verified = Verified(0, {})
    try:
        with open(arguments[0], encoding="utf-8") as ledger:
            found = list(verify(ledger, verified))
        if arguments[1:]:
            with open(arguments[1], encoding="utf-8") as kept:
                found += check_checkpoint(verified.chains, json.load(kept))
    except (OSError, ValueError, KeyError) as error:
        print(f"不能读取 · cannot be read: {error}", file=sys.stderr)
        return 2
    for finding in found:
        print(finding)
    print(f"封存 {len(verified.chains)} · 事实 {verified.facts} · 不符 {len(found)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
