"""Verifies a ledger without the house: standard library only, one file to read and to trust.

    python verifying.py LEDGER [CHECKPOINT]

LEDGER is what `huiyin ledger export` wrote: each seal, one JSON object a line, followed by its
facts, one JSON array a line; then the facts that no seal covers yet, and how many of all there are.
CHECKPOINT is what `huiyin ledger checkpoint` wrote at an earlier time and somebody else kept.

A seal has a leaf for each of its facts, the Merkle root over the leaves (RFC 6962: a leaf is
SHA-256 of 00 and the line, a node of 01, left and right), and a chain over all that it says and the
chain of the seal before. A fact that was changed, removed or put in afterwards is named. Whoever
rewrote the leaf as well is found by the root: then the run is named. Whoever rewrote all of it, or
put in a fact that says it is from before, is found by a checkpoint that he could not reach. Exit
status: 0 whole, 1 not, 2 not readable.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

FORMAT = {"huiyin-ledger": 1}
FIRST = "0" * 64
"""What the first seal is chained to."""

Facts = Sequence[tuple[int, str]]
"""The id of each, and its line."""

RECORDED, XACT = 7, -1  # where these stand in the line of a fact
LONGEST = timedelta(hours=1)  # no transaction runs for so long, and its facts are due behind it
MOST = 1000  # missing seals that are named one by one

WORDS = {
    "changed": "事实 {what} 被更改 · fact {what} was changed",
    "removed": "事实 {what} 被移走 · fact {what} was removed",
    "inserted": "事实 {what} 是事后塞入的 · fact {what} was put in afterwards",
    "run": "封存 {what} 的叶与根不符 · the leaves of seal {what} are not those of its root",
    "chain": "封存 {what} 与前一个接不上 · seal {what} does not follow the one before",
    "missing": "封存 {what} 不见了 · seal {what} is missing",
    "backdated": "事实 {what} 自称早于检查点，却是其后写入的 · fact {what} says it is older than the checkpoint",
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

    @property
    def said(self) -> str:
        """The chain as it follows from everything else."""
        last = [str(self.last[0]), self.last[1]]
        told = [self.number, self.epoch, self.after, self.at, last, len(self.facts), self.root]
        return hashlib.sha256(json.dumps([*told, self.previous]).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "seal": self.number, "epoch": self.epoch, "after": self.after, "at": self.at,
            "last": [str(self.last[0]), self.last[1]], "facts": list(self.facts),
            "leaves": self.leaves.hex(), "root": self.root, "previous": self.previous,
            "chain": self.chain,
        }  # fmt: skip

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Sealed:
        """As it was written out. Raises ValueError for what is no seal."""
        try:
            xact, fact = given["last"]
            seal = cls(
                given["seal"], given["epoch"], given["after"], given["at"], (int(xact), fact),
                given["facts"], bytes.fromhex(given["leaves"]), given["root"], given["previous"],
                given["chain"],
            )  # fmt: skip
            numbers = (seal.number, seal.epoch, seal.after, fact, *seal.facts)
            if not all(isinstance(each, int) for each in numbers):
                raise ValueError("a number is none")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no seal: {error}") from None
        return seal


class Checkpoint(NamedTuple):
    """The newest seal of a moment, as somebody outside keeps it."""

    seal: int
    chain: str
    at: datetime


def checkpoint_of(text: str) -> Checkpoint:
    """As it was written out. Raises ValueError for what is no checkpoint."""
    try:
        given = json.loads(text)
        return Checkpoint(int(given["seal"]), str(given["chain"]), _moment(given["at"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"no checkpoint: {error}") from None


@dataclass
class Verified:
    """What was looked at: the facts, how many of them no seal covers, the chain of each seal."""

    kept: Checkpoint | None = None
    seen: set[int] = field(default_factory=set)
    unsealed: int = 0
    chains: dict[int, str] = field(default_factory=dict)

    def look(self, facts: Facts, seal: Sealed | None) -> Iterator[Finding]:
        """No fact comes twice; none from after the checkpoint says it was recorded before it."""
        is_later = self.kept and (seal is None or seal.number > self.kept.seal)
        for fact, line in facts:
            if fact in self.seen:
                yield Finding("inserted", fact)
            self.seen.add(fact)
            if is_later and _moment(json.loads(line)[RECORDED]) < self.kept.at - LONGEST:
                yield Finding("backdated", fact)


def leaf_of(line: str) -> bytes:
    """The leaf of a fact as it is written out."""
    return hashlib.sha256(b"\0" + line.encode()).digest()


def root_of(leaves: bytes) -> str:
    """The Merkle root over leaves of 32 bytes each; RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = leaves
    while len(level) > 32:
        pairs = range(0, len(level) - 32, 64)
        above = b"".join([hashlib.sha256(b"\1" + level[at : at + 64]).digest() for at in pairs])
        # The one without a partner goes up as it is.
        level = above + level[len(pairs) * 64 :]
    return level.hex()


def check_seal(seal: Sealed, lines: Mapping[int, str]) -> Iterator[Finding]:
    """The facts of a seal against its leaves, and the leaves against its root."""
    for place, fact in enumerate(seal.facts):
        line = lines.get(fact)
        if line is None:
            yield Finding("removed", fact)
        elif leaf_of(line) != seal.leaves[32 * place : 32 * place + 32]:
            yield Finding("changed", fact)
    if len(seal.leaves) != 32 * len(seal.facts) or root_of(seal.leaves) != seal.root:
        yield Finding("run", seal.number)


def check_chain(seal: Sealed, before: Sealed | None) -> Iterator[Finding]:
    """A seal against itself and the one before."""
    expected = 1 if before is None else before.number + 1
    missing = range(expected, min(seal.number, expected + MOST))
    yield from (Finding("missing", number) for number in missing)
    previous = FIRST if before is None else before.chain
    follows = bool(missing) or (seal.number == expected and seal.previous == previous)
    if not follows or seal.chain != seal.said:
        yield Finding("chain", seal.number)


def check_run(
    seal: Sealed, before: Sealed | None, facts: Facts, verified: Verified
) -> Iterator[Finding]:
    """All that can be said of a seal and of the facts that it covers."""
    yield from verified.look(facts, seal)
    yield from check_chain(seal, before)
    yield from check_seal(seal, dict(facts))
    # Of two of one number the first counts: a later one must not stand for it.
    verified.chains.setdefault(seal.number, seal.chain)


def check_unsealed(
    facts: Facts, last: Sealed | None, verified: Verified, following: int | None = None
) -> Iterator[Finding]:
    """Facts that no seal covers: none may be older than the last seal, nor be of the transaction
    ``following``, which has not begun, or of one behind it.
    """
    verified.unsealed = len(facts)
    yield from verified.look(facts, None)
    for fact, line in facts:
        xact = int(json.loads(line)[XACT])
        is_old = last is not None and (fact <= last.after or (xact, fact) <= last.last)
        if is_old or (following is not None and xact >= following):
            yield Finding("inserted", fact)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def check_checkpoint(chains: Mapping[int, str], kept: Checkpoint) -> Iterator[Finding]:
    """The seal that a checkpoint names has to be there as it was."""
    if kept.seal not in chains:
        yield Finding("missing", kept.seal)
    elif chains[kept.seal] != kept.chain:
        yield Finding("checkpoint", kept.seal)


def verify(lines: Iterable[str], verified: Verified) -> Iterator[Finding]:
    """Everything that is wrong with an export. Raises ValueError where it cannot be read on."""
    before: Sealed | None = None
    seal: Sealed | None = None
    here: list[tuple[int, str]] = []
    loose: list[tuple[int, str]] = []
    for each in chain(_read(lines), [None]):
        if isinstance(each, tuple):
            here.append(each)
            continue
        covered = set(seal.facts) if seal else set()
        loose += [fact for fact in here if fact[0] not in covered]
        if seal:
            sealed = [fact for fact in here if fact[0] in covered]
            yield from check_run(seal, before, sealed, verified)
            before = before if before and before.number > seal.number else seal
        seal, here = each, []
    yield from check_unsealed(loose, before, verified)
    if verified.kept:
        yield from check_checkpoint(verified.chains, verified.kept)


def _read(lines: Iterable[str]) -> Iterator[Sealed | tuple[int, str]]:
    """Seals, and facts as (id, line). Raises ValueError with the number of a line that is neither."""
    at = seals = facts = 0
    end = None
    try:
        for at, row in enumerate((each.rstrip("\n") for each in lines), 1):
            if end is not None:
                raise ValueError("something follows the end")
            if at == 1:
                if json.loads(row) != FORMAT:
                    raise ValueError("no ledger")
            elif row.startswith("["):
                facts += 1
                yield int(row[1 : row.index(",")]), row
            elif row.startswith('{"end"'):
                end = json.loads(row)["end"]
            else:
                seals += 1
                yield Sealed.of(json.loads(row))
        if end != [seals, facts]:
            raise ValueError(f"cut short: {seals} seals and {facts} facts, the end says {end}")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"line {at}: {error}") from None


def main(arguments: Sequence[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    verified, wrong = Verified(), 0
    try:
        if arguments[1:]:
            with open(arguments[1], encoding="utf-8") as kept:
                verified.kept = checkpoint_of(kept.read())
        with open(arguments[0], encoding="utf-8") as ledger:
            for finding in verify(ledger, verified):
                print(finding)
                wrong += 1
    except (OSError, ValueError, TypeError, LookupError) as error:
        print(f"不能读取 · cannot be read: {error}", file=sys.stderr)
        return 1 if wrong else 2
    counts = f"封存 {len(verified.chains)} · 事实 {len(verified.seen)} · 未封存 {verified.unsealed}"
    print(f"{counts} · 不符 {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
