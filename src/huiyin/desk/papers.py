"""A form that belongs to no follow-up, ready to be filled in about a target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huiyin.accounts.queries import people_around
from huiyin.accounts.visibility import Viewer
from huiyin.adoption import queries as adoptions
from huiyin.adoption.models import Adoption
from huiyin.cases import duties
from huiyin.cases.places import places_of
from huiyin.core import acts
from huiyin.core.errors import NotFound
from huiyin.ledger.models import Target
from huiyin.obligations.models import Obligation
from huiyin.obligations.proofs import way_of
from huiyin.obligations.queries import mine
from huiyin.obligations.recipients import is_sent
from huiyin.records import backdating
from huiyin.records import forms as record_forms
from huiyin.records.circumstances import Words, circumstances
from huiyin.records.models import Record
from huiyin.records.queries import Sheet, known_about, sheet


@dataclass(frozen=True)
class Paper:
    """One form to be filled in about one target: by whom, what it meets, what it reviews."""

    target: Target
    adoption: Adoption
    form: Any
    reviewed: Record | None
    viewer: Viewer
    me: int
    now: datetime

    @classmethod
    def of(
        cls, target: Target, form: str, *, of: str, viewer: Viewer, me: int, now: datetime
    ) -> Paper:
        """``of`` names the record that a review is about, else the newest that waits for one.

        Raises NotFound when no policy in force has the form for such a target.
        """
        adoption, declared = adoptions.form(form)
        if target.kind not in declared.about:
            raise NotFound
        reviewed = _reviewed(viewer, target, declared, of) if declared.reviews else None
        return cls(target, adoption, declared, reviewed, viewer, me, now)

    @property
    def is_contact(self) -> bool:
        """Whether it is filled in at a follow-up, on the workbench."""
        pack = adoptions.pack_of(self.adoption.policy_version_id)
        return bool(pack.policy.is_contact(self.form))

    @property
    def is_sent(self) -> bool:
        return is_sent(self.adoption, self.form.key)

    @property
    def draft(self) -> str:
        return f"paper-{self.form.key}-{self.target.pk}"

    @property
    def title(self) -> str:
        return str(self.form.title.say(language()))

    @cached_property
    def people(self) -> list[tuple[int, str]]:
        return people_around(self.target.unit_id, at=self.now)

    @cached_property
    def owed(self) -> list[Obligation]:
        """What of his own it meets, the strictest first."""
        rows = (
            mine(self.me, now=self.now)
            .about(self.target.pk)
            .select_related("adoption", "target", "holder__as_person")
            .order_by("due_at", "id")
        )
        return [row for row in rows if self._meets(row)]

    def _meets(self, row: Obligation) -> bool:
        if way_of(row).form != self.form.key:
            return False
        return self.reviewed is None or row.values.get("record.id") == self.reviewed.pk

    @property
    def labels(self) -> dict[str, str]:
        return record_forms.labels(self.form) | {
            "happened_at": _("发生时间"), backdating.FIELD: _("补录原因"), "by": _("办理人"), "present": _("一同办理"),
        }  # fmt: skip

    def context(
        self,
        *,
        key: str,
        sent: record_forms.Sent | None = None,
        post: QueryDict | None = None,
        errors: Mapping[str, Sequence[Any]] | None = None,
    ) -> dict[str, Any]:
        """The page's variables; after a refusal with everything that was entered."""
        errors, sent_back = errors or {}, post or QueryDict()
        zone = timezone.get_current_timezone()
        prefill = record_forms.opening(self.adoption, self.form, about=self.target.pk, now=self.now)
        return {
            "title": self.title,
            "place": places_of({self.target.pk: self.target}, language())[self.target.pk],
            "key": key,
            "draft": self.draft,
            "errors": errors,
            "owed": [duties.told(row, now=self.now, zone=zone) for row in self.owed],
            "reviewed": self._read(),
            "lists": [
                field.title.say(language())
                for field in self.form.fields.values()
                if field.type == "list"
            ],
            "controls": record_forms.controls(
                self.form, sent=sent, prefill=prefill, errors=errors, people=self.people
            ),
            "is_sent": self.is_sent,
            "earlier": None if post else self._written(),
            "forbidden": None if post else self._forbidden(),
        } | self._circumstances(sent_back, errors)

    def _read(self) -> Sheet | None:
        return sheet(self.reviewed) if self.reviewed is not None else None

    def _written(self) -> Record | None:
        """The newest paper of the form since this was owed: somebody still has to get it."""
        if not self.is_sent or not self.owed:
            return None
        since = min(row.opened_at for row in self.owed)
        rows = Record.objects.current().standing().about(self.target.pk)
        rows = rows.filter(form=self.form.key)
        return rows.filter(recorded_at__gte=since).order_by("-id").first()

    def _forbidden(self) -> dict[str, object] | None:
        values = {"record.form": self.form.key, "record.present": [self.me]}
        if self.reviewed is not None:
            values["record.of"] = self.reviewed.pk
        return duties.forbidden(
            acts.ActContext(
                act="record.file",
                target=self.target.pk,
                by=self.me,
                at=self.now,
                unit=self.target.unit_id,
                values=known_about(self.target.pk) | values,
            )
        )

    def _circumstances(
        self, post: QueryDict, errors: Mapping[str, Sequence[Any]]
    ) -> dict[str, Any]:
        """Folded away: who did it, with whom and when, where it was not just now or not oneself."""
        words = Words(_("一同办理"), _("办理人"), _("发生时间"), _("不填就是现在。"))
        found = circumstances(post, errors, me=self.me, people=self.people, words=words)
        along = bool(post.getlist("present")) or "present" in errors
        return found | {"unfolded": found["unfolded"] or along}


def _reviewed(viewer: Viewer, target: Target, form: Any, of: str) -> Record:
    """The record that is named, or the newest of somebody else. Raises NotFound without one."""
    rows = Record.objects.current().standing().about(target.pk).filter(form=form.reviews)
    if of.isascii() and of.isdecimal() and len(of) < 19:
        rows = rows.filter(pk=int(of))
    else:
        rows = rows.exclude(by=viewer.person_id).filter(reviewed_by=None)
    record = rows.select_related("about", "adoption").order_by("-id").first()
    if record is None:
        raise NotFound
    return record


def language() -> str:
    return get_language() or "zh"
