"""Changes of who owes, who is told, who proves, who may write, and through what."""

from __future__ import annotations

from huiyin.policy import builtin
from huiyin.policy.leaves import Leaf
from huiyin.policy.lengths import parse_percent
from huiyin.policy.mutation_changes import Change, Changes, Raw, at, remove, set_to
from huiyin.policy.schema import Policy


def share(policy: Policy, leaf: Leaf) -> Changes:
    percent = parse_percent(str(leaf.value)) * 100
    for changed in (percent + 1, percent - 1):
        if 0 < changed <= 100:
            yield set_to(leaf.keys, f"{float(changed):g}%")


def each(policy: Policy, leaf: Leaf) -> Changes:
    yield set_to(leaf.keys, 1 - int(leaf.value))


def _other_role(policy: Policy, leaf: Leaf) -> str | None:
    """A role that does not stand beside this one already."""
    beside = at(policy.raw, leaf.keys[:-1])
    used = set(beside) if isinstance(beside, list) else {leaf.value}
    return next((role for role in policy.roles if role not in used), None)


def role(policy: Policy, leaf: Leaf) -> Changes:
    other = _other_role(policy, leaf)
    if other is not None:
        yield set_to(leaf.keys, other)


def role_of_several(policy: Policy, leaf: Leaf) -> Changes:
    if len(at(policy.raw, leaf.keys[:-1])) > 1:
        yield remove(leaf.keys)
    else:
        yield from role(policy, leaf)


def role_of_proof(policy: Policy, leaf: Leaf) -> Changes:
    yield remove(leaf.keys)
    yield from role(policy, leaf)


def writer(policy: Policy, leaf: Leaf) -> Changes:
    yield from role_of_proof(policy, leaf)


def recipient(policy: Policy, leaf: Leaf) -> Changes:
    yield from role(policy, leaf)
    if isinstance(leaf.keys[-1], int) and len(at(policy.raw, leaf.keys[:-1])) > 1:
        yield remove(leaf.keys)


def sent_to(policy: Policy, leaf: Leaf) -> Changes:
    """One recipient less; the only one goes with the handing over itself."""
    if isinstance(leaf.keys[-1], int) and len(at(policy.raw, leaf.keys[:-1])) > 1:
        yield remove(leaf.keys)
        return
    duty = at(policy.raw, leaf.keys[:2])

    def apply(raw: Raw) -> None:
        changed = at(raw, leaf.keys[:2])
        del changed["proof"]["sent_to"]
        if changed.get("each") == "recipient":
            del changed["each"]

    yield Change(after="removed", apply=apply)
    parties = [party for party in policy.parties if party != leaf.value]
    if leaf.value in policy.parties and parties and duty:
        yield set_to(leaf.keys, parties[0])


def person(policy: Policy, leaf: Leaf) -> Changes:
    """Another person owes it: who did it instead of who is named, or the other way round."""
    if leaf.value != "fact.by":
        yield set_to(leaf.keys, "fact.by")
        return
    named = (name for name, field in policy.fields.items() if field.type == "person")
    subjects = tuple(f"{kind}." for kind in policy.subjects)
    found = next((n for n in named if n.startswith(subjects) and policy.fields[n].required), None)
    other = found or next(iter(policy.roles), None)
    if other is not None:
        yield set_to(leaf.keys, other)


def head_of(policy: Policy, leaf: Leaf) -> Changes:
    """The person himself instead of his head."""
    yield set_to(leaf.keys[:-1], leaf.value, after=str(leaf.value))


def channel(policy: Policy, leaf: Leaf) -> Changes:
    yield remove(leaf.keys)
    beside = at(policy.raw, leaf.keys[:-1])
    used = set(beside) if isinstance(beside, list) else {leaf.value}
    other = next((c for c in builtin.FIELDS["followup.channel"].choices if c not in used), None)
    if other is not None:
        yield set_to(leaf.keys, other)


def each_of(policy: Policy, leaf: Leaf) -> Changes:
    """One obligation for all instead of one for each; several recipients need one each."""
    duty = at(policy.raw, leaf.keys[:-1])
    recipients = (duty.get("proof") or {}).get("sent_to")
    if not (isinstance(recipients, list) and len(recipients) > 1):
        yield remove(leaf.keys)


def proving_form(policy: Policy, leaf: Leaf) -> Changes:
    other = next((form for form in policy.forms if form != leaf.value), None)

    def apply(raw: Raw) -> None:
        proof = at(raw, leaf.keys[:-1])
        proof["record"] = other
        proof.pop("signed_by", None)

    if other is not None:
        yield Change(after=other, apply=apply)


def proving_fact(policy: Policy, leaf: Leaf) -> Changes:
    kind = str(leaf.value).partition(".")[0]
    facts = [*policy.facts, *builtin.FACTS]
    alike = [fact for fact in facts if fact != leaf.value and fact.startswith(f"{kind}.")]
    others = alike or [fact for fact in facts if fact != leaf.value]
    if others:
        yield set_to(leaf.keys, others[-1])


def act_of_several(policy: Policy, leaf: Leaf) -> Changes:
    if len(at(policy.raw, leaf.keys[:-1])) > 1:
        yield remove(leaf.keys)
