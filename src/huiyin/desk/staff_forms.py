"""The shapes of what heads say about units, people, posts and leave."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from huiyin.accounts import staff_services as staff
from huiyin.accounts.models import Person, Position, Unit
from huiyin.accounts.staff_services import Away, NewPost
from huiyin.core.words import YEARS
from huiyin.desk.calendar_forms import CalendarForm


def day_field(label: Any, *, required: bool = True, initial: date | None = None) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        initial=initial,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        validators=[
            MinValueValidator(date(YEARS[0], 1, 1), _("请核对年份。")),
            MaxValueValidator(date(YEARS[-1], 12, 31), _("请核对年份。")),
        ],
    )


class NumberChoice(forms.ModelChoiceField):
    """A row by its number as pages write it; digits of other scripts are none."""

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and not re.fullmatch("[0-9]{1,18}", str(value)):
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], "invalid_choice", {"value": value}
            )
        return super().to_python(value)


class UnitForm(CalendarForm):
    """A unit's name and place in the tree; the root has no place."""

    name = forms.CharField(label=_("单位名称"), max_length=staff.UNIT_NAME)
    parent = NumberChoice(Unit.objects.order_by("path"), label=_("上级单位"))

    def __init__(self, *args: Any, is_root: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parent"].required = not is_root


class PersonForm(CalendarForm):
    name = forms.CharField(label=_("姓名"), max_length=staff.PERSON_NAME)
    number = forms.CharField(label=_("工号"), max_length=staff.NUMBER)


class PostForm(CalendarForm):
    """A position in a unit from a day on, until a day if that is known."""

    position = forms.ModelChoiceField(Position.objects.order_by("title"), label=_("岗位"))
    unit = NumberChoice(Unit.objects.order_by("path"), label=_("单位"))
    from_on = day_field(_("从哪天起"))
    to_on = day_field(_("到哪天止"), required=False)

    def new_post(self) -> NewPost:
        """Raises Invalid."""
        given = self.require_valid()
        return NewPost(given["position"].pk, given["unit"], given["from_on"], given["to_on"])


class NewPersonForm(PersonForm):
    """Somebody new; with a position he gets his first post at once."""

    position = forms.ModelChoiceField(
        Position.objects.order_by("title"), label=_("岗位"), required=False
    )
    unit = NumberChoice(Unit.objects.order_by("path"), label=_("单位"))
    from_on = day_field(_("从哪天起"))


class PersonChoice(NumberChoice):
    """A person by name and number: two people may have one name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} {obj.number}"


def _person(label: Any, *, required: bool = True) -> PersonChoice:
    return PersonChoice(Person.objects.none(), label=label, required=required)


class AppointmentForm(PostForm):
    """The same, with the person: who holds a role of a pack."""

    person = _person(_("人员"))

    def __init__(self, *args: Any, on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["person"].queryset = Person.objects.in_firm(on).order_by("number")


class PositionForm(CalendarForm):
    """A position, and the role of a pack that it fills."""

    title = forms.CharField(label=_("岗位名称"), max_length=staff.TITLE)
    title_en = forms.CharField(label=_("英文名称"), max_length=staff.TITLE_EN, required=False)
    scope = forms.ChoiceField(label=_("能看多远"), choices=Position.Scope.choices)
    leads = forms.BooleanField(
        label=_("管辖所看到的单位：办理那里的事项，分派和免除义务，登记休假"),
        required=False,
        initial=True,
    )
    governs = forms.BooleanField(
        label=_("管辖整个公司：任职于公司时，可以更改公司设置、启用制度"), required=False
    )
    code = forms.ChoiceField(label=_("对应制度里的角色"), required=False)

    def __init__(self, *args: Any, roles: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["code"].choices = [("", ""), *roles]

    @property
    def terms(self) -> staff.Terms:
        told = ("title", "title_en", "scope", "leads", "governs")
        return staff.Terms(**{name: self.cleaned_data[name] for name in told})


class PositionChangeForm(PositionForm):
    """A position that is there; the role that it fills stays."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, roles=[], **more)
        del self.fields["code"]


class EndForm(CalendarForm):
    """The last day of a post."""

    last_on = day_field(_("最后一天"))
    accepted = forms.BooleanField(label=_("仍然这样做，即使有角色没有人担任"), required=False)


class _Others(CalendarForm):
    """A form that names somebody else than the person whom it is about."""

    other = ""

    def __init__(self, *args: Any, person: Person, on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        people = Person.objects.in_firm(on).exclude(pk=person.pk)
        self.fields[self.other].queryset = people.order_by("number")


class DepartureForm(_Others):
    """The last day in the firm, and who takes over."""

    other = "successor"
    last_on = day_field(_("最后一天"))
    successor = _person(_("接手的人"), required=False)
    accepted = forms.BooleanField(label=_("仍然这样做，即使有角色没有人担任"), required=False)


class LeaveForm(_Others):
    other = "deputy"
    from_on = day_field(_("从哪天起"))
    to_on = day_field(_("到哪天止"))
    deputy = _person(_("代理人"), required=False)

    def away(self) -> Away:
        """Raises Invalid."""
        given = self.require_valid()
        return Away(given["from_on"], given["to_on"], given["deputy"])


class LeaveEndForm(CalendarForm):
    """The last day of a leave that ends early; before its first day: it does not take place."""

    to_on = day_field(_("休假最后一天"))
