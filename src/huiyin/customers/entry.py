"""The form of one customer: empty for a new one, or with what is there of one that is mended.

A whole number and a whole name of a contact are in neither: who is to be reached otherwise is
written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huiyin.accounts.queries import people_of, zone
from huiyin.accounts.visibility import Viewer
from huiyin.core.errors import Invalid
from huiyin.core.signs import as_code, as_name
from huiyin.core.words import as_id
from huiyin.customers import access, changing, declared, queries, zones
from huiyin.customers.changing import NAME, PREFIX, Wanted
from huiyin.customers.contacting import WantedContact
from huiyin.customers.entrusting import entrusted
from huiyin.customers.models import Contact, Customer
from huiyin.customers.services import NUMBER_LENGTH, NewCustomer
from huiyin.records.queries import names
from huiyin.ui.fields import Control, from_pack

ROWS = 3
"""Empty rows for contacts."""

BY_HAND = (
    "text", "choice", "choice_ordered", "number", "money", "date", "datetime", "boolean", "person",
)  # fmt: skip
"""Types of fields that the form offers; what it does not offer stays as it is."""

Errors = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Entry:
    """What was sent, or what a form begins with; ``customer`` where there is one already.

    ``again``: somebody else has written meanwhile, so what he wrote is said beside each field.
    """

    viewer: Viewer
    sent: Mapping[str, str]
    now: datetime
    customer: Customer | None = None
    again: bool = False

    def wanted(self) -> Wanted:
        """The customer as the form has it. Raises Invalid for who or where was not offered."""
        errors = {}
        for name, offered in (("unit", self._units), ("owner", self._people)):
            if self._sent(name) not in {"", *(key for key, _title in offered)}:
                errors[name] = [_("请从列出的里面选择。")]
        if errors:
            raise Invalid(errors)
        return Wanted(
            number=as_code(self._sent("number")),
            customer_class=self._class(),
            name=as_name(self._sent("name")),
            unit_id=int(self._sent("unit") or 0) or None,
            owner_id=int(self._sent("owner") or 0) or None,
            fields={key: self._sent(PREFIX + key) for key in self._fields},
            contacts=[*self._kept_people(), *self._new_people()],
            reason=self._sent("reason"),
        )

    @property
    def seen(self) -> int:
        """The state of the customer that the form was made from."""
        return as_id(self.sent.get("seen", "")) or 0

    def context(self, errors: Errors) -> dict[str, Any]:
        """The controls of the page, part by part."""
        customer = self.customer
        return {
            "customer": customer,
            "own": [*self._own(errors), *self._declared(errors)],
            "place": [self._unit(errors), self._owner(errors)],
            "kept": [self._kept_row(contact, errors) for contact in self._contacts],
            "rows": [self._row(n, errors) for n in range(1, ROWS + 1)],
            "reason": self._reason(errors) if customer else None,
            "seen": self._seen_next(),
            "errors": errors,
            "labels": self.labels,
        }

    @property
    def labels(self) -> dict[str, str]:
        """Titles by field, for the summary of what has to be mended."""
        here = {PREFIX + key: declared.title(self._fields, key) for key in self._fields}
        own = {
            "number": _("户号／编号"), "class": _("类别"), "name": _("名称"),
            "unit": _("所属单位"), "owner": _("负责人"), "reason": _("更改的原因"),
        }  # fmt: skip
        people = {}
        places = [f"kept-{contact.pk}" for contact in self._contacts]
        for place in [*places, *(f"contact-{n}" for n in range(1, ROWS + 1))]:
            people |= {f"{place}-{part}": title for part, title in _parts().items()}
        return own | here | people

    def _seen_next(self) -> int:
        """What the form is made from; one that has to be mended goes on as it began."""
        if self.customer is None:
            return 0
        return self.seen if self.sent and not self.again else changing.version(self.customer.pk)

    def _class(self) -> str:
        """What was chosen; the only one there is, or his, where none was asked for."""
        if chosen := self._sent("class"):
            return chosen
        if self.customer is not None and not self._asks_class:
            return self.customer.customer_class
        return "" if self._asks_class else next(iter(self._classes), "")

    def _kept_people(self) -> list[WantedContact]:
        return [
            WantedContact(
                f"kept-{contact.pk}",
                relation=as_name(self._sent(f"kept-{contact.pk}-relation")),
                name=as_name(self._sent(f"kept-{contact.pk}-name")),
                phone=self._sent(f"kept-{contact.pk}-phone"),
                id=contact.pk,
                gone=bool(self._sent(f"kept-{contact.pk}-gone")),
            )
            for contact in self._contacts
            if f"kept-{contact.pk}-relation" in self.sent
        ]

    def _new_people(self) -> list[WantedContact]:
        """The rows in which anything stands."""
        found = []
        for place in (f"contact-{n}" for n in range(1, ROWS + 1)):
            said = {part: as_name(self._sent(f"{place}-{part}")) for part in _parts()}
            if any(said.values()):
                found.append(WantedContact(place, **said))
        return found

    def _own(self, errors: Errors) -> list[Control]:
        was = self.customer
        number = {"required": True, "maxlength": str(NUMBER_LENGTH)}
        found = [self._control("text", "number", was.number if was else "", errors, number)]
        if self._asks_class:
            choices = list(self._classes.items())
            given = {"required": True, "choices": choices, "help": self._class_help}
            value = was.customer_class if was else ""
            found.append(self._control("select", "class", value, errors, given))
        limit = {"maxlength": str(NAME)}
        return [*found, self._control("text", "name", was.name if was else "", errors, limit)]

    def _declared(self, errors: Errors) -> list[Control]:
        fields = self.customer.fields if self.customer else {}
        return [
            from_pack(
                spec,
                {
                    "name": PREFIX + key,
                    "value": self.sent.get(PREFIX + key, _as_sent(spec, fields.get(key))),
                    "errors": errors.get(PREFIX + key, ()),
                    "help": self._differing(PREFIX + key, _as_sent(spec, fields.get(key))),
                }
                | ({"choices": self._people} if spec.type == "person" else {}),
            )
            for key, spec in self._fields.items()
        ]

    def _unit(self, errors: Errors) -> Control:
        was = self.customer.target.unit_id if self.customer else None
        only = self._units[0][0] if len(self._units) == 1 and not self.customer else ""
        must = bool(self._kinds) or not self.viewer.all
        given = {"choices": self._units, "required": must}
        return self._control("select", "unit", str(was or only), errors, given)

    def _owner(self, errors: Errors) -> Control:
        """Nobody is named where it is the officer of the zone: so it follows when the zone does."""
        was = None
        if self.customer:
            was = self.customer.target.owner_id
            row = NewCustomer("", "", unit_id=self.customer.target.unit_id)
            [alone] = entrusted([row], now=self.now)
            was = None if was == alone.owner_id else was
        nobody = _("所属单位唯一的那位负责人") if self._kinds else _("没有负责人")
        given = {"choices": self._people, "placeholder": nobody}
        return self._control("select", "owner", str(was or ""), errors, given)

    def _reason(self, errors: Errors) -> Control:
        given = {"maxlength": "200", "help": _("改编号、类别、所属或负责人时必填。")}
        return self._control("text", "reason", "", errors, given)

    def _kept_row(self, contact: Contact, errors: Errors) -> dict[str, Any]:
        place = f"kept-{contact.pk}"
        unchanged = _("不改就留空")
        masked = {
            "name": {"placeholder": contact.name_masked, "help": unchanged},
            "phone": {"placeholder": contact.phone_masked, "help": unchanged},
        }
        title = " ".join(
            filter(None, (contact.relation_words, contact.name_masked, contact.phone_masked))
        )
        return {
            "place": place,
            "title": title,
            "controls": [
                self._part(place, part, errors, masked.get(part, {"value": contact.relation}))
                for part in _parts()
            ],
            "gone": Control.of(
                "checkbox", f"{place}-gone", _("删除这个联系人"),
                {"value": self.sent.get(f"{place}-gone", "")},
            ),
        }  # fmt: skip

    def _row(self, number: int, errors: Errors) -> dict[str, Any]:
        place = f"contact-{number}"
        return {
            "place": place,
            "title": _("新联系人 %(n)s") % {"n": number},
            "controls": [self._part(place, part, errors, {}) for part in _parts()],
        }

    def _part(self, place: str, part: str, errors: Errors, given: Mapping[str, Any]) -> Control:
        name = f"{place}-{part}"
        kind = "tel" if part == "phone" else "text"
        value = self.sent.get(name, given.get("value", ""))
        more = {"value": value, "errors": errors.get(name, ()), "maxlength": "40"}
        return Control.of(kind, name, _parts()[part], {**given, **more})

    def _control(
        self, kind: str, name: str, value: str, errors: Errors, given: Mapping[str, Any]
    ) -> Control:
        differing = self._differing(name, value, dict(given.get("choices", ())))
        help = " ".join(filter(None, (given.get("help", ""), differing)))
        more = {"value": self.sent.get(name, value), "errors": errors.get(name, ()), "help": help}
        return Control.of(kind, name, self.labels[name], {**given, **more})

    def _differing(self, name: str, value: str, titles: Mapping[str, str] | None = None) -> str:
        """What somebody else has written there meanwhile."""
        if not self.again or self.sent.get(name, value) == value:
            return ""
        return _("现在是“%(value)s”。") % {"value": (titles or {}).get(value, value) or _("空")}

    def _sent(self, name: str) -> str:
        return self.sent.get(name, "").strip()

    @cached_property
    def _fields(self) -> dict[str, Any]:
        return {key: spec for key, spec in declared.fields().items() if spec.type in BY_HAND}

    @cached_property
    def _classes(self) -> dict[str, str]:
        return queries.classes()

    @property
    def _asks_class(self) -> bool:
        return len(self._classes) > 1

    @property
    def _class_help(self) -> str:
        if self.customer is None:
            return ""
        return _("改了类别，没到期的定期回访在下一次排期时免除，按新类别重新排。")

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return zones.kinds()

    @cached_property
    def _units(self) -> list[tuple[str, str]]:
        """Where the viewer may put a customer; where officers have zones, only into one of them."""
        units = access.units_for_entering(self.viewer)
        inside = zones.inside(self._kinds) if self._kinds else set()
        titles = [unit.name for unit in units]
        return [
            (str(unit.pk), unit.name if titles.count(unit.name) == 1 else _path(unit, units))
            for unit in units
            if not inside or unit.pk in inside
        ]

    @cached_property
    def _people(self) -> list[tuple[str, str]]:
        """Whom the viewer sees of the firm, and who is named there already."""
        assert self.viewer.on is not None
        found = dict(people_of(self.viewer, self.viewer.on).values_list("pk", "name"))
        if self.customer:
            named = [self.customer.target.owner_id]
            persons = [key for key, spec in self._fields.items() if spec.type == "person"]
            named += [self.customer.fields.get(key) for key in persons]
            found |= names([person for person in named if person not in found])
        return [(str(pk), name) for pk, name in found.items()]

    @cached_property
    def _contacts(self) -> list[Contact]:
        rows = self.customer.contacts.defer("phone").order_by("pk") if self.customer else ()
        return list(rows)


def _parts() -> dict[str, str]:
    return {
        "relation": _("关系"),
        "name": _("姓名"),
        "phone": pgettext("of a contact", "电话"),
    }


def _path(unit: Any, units: Sequence[Any]) -> str:
    """A name that several bear, after those of the units above it."""
    titles = {str(each.pk): each.name for each in units}
    return " / ".join(titles[step] for step in unit.path.strip("/").split("/") if step in titles)


def _as_sent(spec: Any, value: Any) -> str:
    """A typed value as its control sends it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if spec.type == "datetime":
        return localtime(datetime.fromisoformat(str(value)), zone()).strftime("%Y-%m-%dT%H:%M")
    return str(value)
