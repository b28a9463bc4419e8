"""Every deciding place of a policy is a leaf, and a clause finds its leaves."""

from huiyin.policy.leaves import bindings, kinds, rule_clauses, walk
from tests.policy.small_pack import parse
from tests.policy.wide_pack import wide
from tests.policy.worlds import pack


def test_the_leaves_of_a_small_policy() -> None:
    found = {leaf.path: (leaf.kind, leaf.value, leaf.clauses) for leaf in walk(parse().policy)}

    assert found == {
        "roles.clerk.title": ("declared", "文员", ()),
        "roles.head.title": ("declared", "主任", ()),
        "settings.soon.default": ("setting_length", "2d", ()),
        "forms.report.fields.result.required": ("required", True, ("1.a",)),
        "forms.report.fields.result.raises.bad": ("raises", "problem", ("1.a",)),
        "forms.report.fields.signed.required": ("required", True, ()),
        "duties.check.on": ("opener", "job.done", ()),
        "duties.check.within.pick": ("pick", "job.size", ()),
        "duties.check.within.big": ("length", "2d", ("1.b",)),
        "duties.check.within.else": ("length", "7d", ()),
        "duties.check.share.per": ("period", "month", ()),
        "duties.check.share.clerk": ("share", "30%", ()),
        "duties.check.share.head": ("share", "70%", ()),
        "duties.check.share.each": ("each", 1, ()),
        "duties.check.share.not": ("exclusion", "job.worker", ()),
        "duties.check.proof.record": ("proving_form", "report", ()),
        "duties.answer.on": ("opener", "check.missed", ()),
        "duties.answer.within": ("length", "24h", ()),
        "duties.answer.owed_by": ("role", "head", ()),
        "duties.answer.proof.fact": ("proving_fact", "job.paid", ()),
        "guards.pay_last.before": ("act", "case.close", ()),
        "guards.pay_last.where.job.size": ("test", "big", ()),
        "guards.pay_last.require.0": ("demand", "job.note", ("1.c",)),
        "guards.pay_last.require.1": ("demand", {"met": "check"}, ("1.c",)),
        "acknowledge.1.d": ("acknowledge", "1.d", ("1.d",)),
    }


def test_keys_lead_to_the_leaf_in_the_plain_data() -> None:
    policy = pack().policy
    for leaf in walk(policy):
        value = policy.raw
        for key in leaf.keys if leaf.kind != "declared" else leaf.keys[:2]:
            value = value[key]
        assert value == leaf.value or leaf.kind == "declared" or leaf.keys[-1] == leaf.value


def test_the_nearest_binding_counts() -> None:
    leaves = {leaf.path: leaf.clauses for leaf in walk(pack().policy)}

    assert leaves["forms.repair_visit.fields.onsite_check.required"] == ("B.3.1",)
    assert leaves["forms.repair_visit.fields.onsite_check.raises.partly"] == ("B.4.a",)


def test_a_clause_may_be_bound_in_several_rules() -> None:
    rules = {path.split(".")[1] for path in bindings(pack().policy)["B.4.b"]}

    assert rules >= {"rectify", "revisit", "close_needs_revisit", "rectify_within"}
    assert rule_clauses(pack().policy, "duties.repair_visit")[:2] == ("B.1.a", "B.1.b")


def test_every_kind_of_leaf_of_the_pack_is_a_known_kind() -> None:
    assert {leaf.kind for leaf in walk(pack().policy)} <= kinds()


def test_every_kind_of_leaf_can_be_written() -> None:
    """One pack that uses every word has a leaf of every kind; so no kind is forgotten."""
    assert {leaf.kind for leaf in walk(wide().policy)} == kinds()
