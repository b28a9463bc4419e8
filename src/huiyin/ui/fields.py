"""Controls of a form, from explicit variables, from a pack's form or from a Django form.

A control shows what it is given and offers no answer of its own: without a value nothing is
chosen, because a pre-selected answer is not an answer of the customer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.forms import BoundField, widgets
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# kind → template; the kinds of a pack's form bear the names that the pack gives them.
TEMPLATES = {
    "text": "input", "search": "input", "password": "input", "email": "input", "tel": "input",
    "number": "input", "money": "input", "date": "input", "time": "input", "datetime": "input",
    "file": "input",
    "textarea": "textarea", "select": "select", "person": "select", "checkbox": "checkbox",
    "choice": "choice", "choice_ordered": "choice", "boolean": "choice", "people": "people",
    "photo": "photo", "signature": "signature",
}  # fmt: skip

INPUT_TYPES = {"datetime": "datetime-local", "money": "number"}
STEPS = {"money": "0.01", "number": "any"}

# A row of buttons holds about this many full-width characters on the narrowest phone.
ROW_CHARACTERS, ROW_CHOICES = 14, 5


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Control:
    """What a field's template may show.

    `value` is what was entered before (a list for people); `choices` are pairs or mappings with
    value, label, note; `prompt` is what to say to the customer; `unit` stands after a number.
    `required_sometimes`: marked like a required one, but the browser lets it be empty.
    `refusable`, `refused`, `reason` belong to a signature; `error_reason` to its reason.
    """

    kind: str
    name: str
    label: str
    id: str = ""
    value: Any = ""
    required: bool = False
    required_sometimes: bool = False
    help: str = ""
    prompt: str = ""
    clause: str = ""
    errors: tuple[str, ...] = ()
    error_reason: str = ""
    choices: tuple[Choice, ...] = ()
    placeholder: str = ""
    unit: str = ""
    rows: int = 3
    min: str = ""
    max: str = ""
    step: str = ""
    maxlength: str = ""
    autocomplete: str = "off"
    autofocus: bool = False
    multiple: bool = False
    accept: str = ""
    refusable: bool = False
    refused: bool = False
    reason: str = ""
    hide_label: bool = False

    @classmethod
    def of(cls, kind: str, name: str, label: str, given: Mapping[str, Any]) -> "Control":
        """Raises KeyError for an unknown kind and TypeError for an unknown variable."""
        TEMPLATES[kind]
        known = {f.name for f in fields(cls)}
        if unknown := given.keys() - known:
            raise TypeError(f"field {kind} does not know {', '.join(sorted(unknown))}")
        values = dict(given)
        if kind == "boolean" and not values.get("choices"):
            values["choices"] = (("true", _("是")), ("false", _("否")))
        chosen = _chosen(values.get("value"))
        values["choices"] = tuple(_choice(c, chosen) for c in values.get("choices") or ())
        values["errors"] = tuple(str(e) for e in values.get("errors") or ())
        values["id"] = values.get("id") or f"field-{name}"
        values["value"] = "" if values.get("value") is None else values["value"]
        return cls(kind=kind, name=name, label=label, **values)

    @property
    def input_type(self) -> str:
        return INPUT_TYPES.get(self.kind, self.kind)

    @property
    def shows_value(self) -> bool:
        """A password is not sent back, and a file cannot be; zero is a value."""
        return self.value != "" and self.kind not in ("password", "file")

    @property
    def attributes(self) -> SafeString:
        """Of the one input that the control consists of; what is empty is left out."""
        given = {
            "id": self.id,
            "name": self.name,
            "required": self.required,
            "placeholder": self.placeholder,
            "min": self.min,
            "max": self.max,
            "step": self.step or STEPS.get(self.kind),
            "inputmode": "decimal" if self.kind in STEPS else None,
            "maxlength": self.maxlength,
            "accept": self.accept,
            "multiple": self.multiple,
            "autocomplete": self.autocomplete,
            "autofocus": self.autofocus,
            "data-search": self.kind == "search",
            "aria-describedby": self.described_by,
            "aria-invalid": "true" if self.errors else None,
        }
        return flatatt({name: value for name, value in given.items() if value not in ("", None)})

    @property
    def described_by(self) -> str:
        error = f"{self.id}-error"
        return f"{self.id}-help {error}" if self.help else error

    @property
    def in_one_row(self) -> bool:
        """Few and short answers stand side by side; others in a list."""
        width = sum(len(choice.label) + 1 for choice in self.choices)
        return len(self.choices) <= ROW_CHOICES and width <= ROW_CHARACTERS + len(self.choices)

    def render(self) -> SafeString:
        return render_to_string(f"ui/fields/{TEMPLATES[self.kind]}.html", {"field": self})


def from_pack(spec: Any, given: Mapping[str, Any]) -> Control:
    """`spec` has key, title, type and optionally choices, required, or_reason, script."""
    values = {
        "choices": _pack_choices(getattr(spec, "choices", None)),
        "required": bool(getattr(spec, "required", False)),
        "refusable": bool(getattr(spec, "or_reason", False)),
    }
    values = values | dict(given)
    kind = values.pop("kind", "") or str(spec.type)
    name = values.pop("name", "") or spec.key
    return Control.of(kind, name, values.pop("label", "") or wording(spec.title), values)


def from_bound(bound: BoundField, given: Mapping[str, Any]) -> Control:
    """The kind follows the widget unless `kind` says it."""
    widget = bound.field.widget
    values = {
        "value": bound.value(),
        "required": bound.field.required,
        "help": str(bound.help_text),
        "errors": bound.errors,
        "choices": [c for c in getattr(widget, "choices", ()) if c[0] not in ("", None)],
    } | dict(given)
    kind = values.pop("kind", "") or _kind_of(widget)
    return Control.of(kind, bound.html_name, values.pop("label", "") or str(bound.label), values)


def summary(errors: Any, labels: Mapping[str, str]) -> list[dict[str, str]]:
    """One entry per message; a field's entry knows the id to jump to. No errors, no entries."""
    return [
        {
            "label": labels.get(name, ""),
            "message": str(message),
            "id": "" if name in ("", "__all__") else f"field-{name}",
        }
        for name, messages in (errors or {}).items()
        for message in messages
    ]


def wording(text: Any) -> str:
    """A pack's text in the reader's language: plain, or zh and en as keys or attributes."""
    if isinstance(text, str):
        return text
    tongue = "en" if (get_language() or "").startswith("en") else "zh"
    read = text.get if isinstance(text, Mapping) else lambda key: getattr(text, key, None)
    return str(read(tongue) or read("zh") or text)


def _pack_choices(choices: Any) -> list[Any]:
    if not choices:
        return []
    if isinstance(choices, Mapping):
        return [(key, wording(title)) for key, title in choices.items()]
    return [c if isinstance(c, tuple) else (str(c), str(c)) for c in choices]


def _chosen(value: Any) -> set[str]:
    if value is None or value == "":
        return set()
    if isinstance(value, bool):
        return {str(value).lower()}
    if isinstance(value, str) or not isinstance(value, Iterable):
        return {str(value)}
    return {str(item) for item in value}


def _choice(given: Any, chosen: set[str]) -> Choice:
    if isinstance(given, Mapping):
        value, label, note = given["value"], given["label"], given.get("note", "")
    else:
        value, label, note = (*given, "")[:3]
    return Choice(str(value), wording(label), str(note), str(value) in chosen)


def _kind_of(widget: widgets.Widget) -> str:
    """The nearest kind, looked up along the widget's own ancestry."""
    for ancestor in type(widget).__mro__:
        if ancestor in KINDS:
            return KINDS[ancestor]
    raise TypeError(f"no kind for {type(widget).__name__}; say kind=…")


KINDS: dict[type, str] = {
    widgets.TextInput: "text",
    widgets.NumberInput: "number",
    widgets.EmailInput: "email",
    widgets.PasswordInput: "password",
    widgets.Textarea: "textarea",
    widgets.DateInput: "date",
    widgets.DateTimeInput: "datetime",
    widgets.TimeInput: "time",
    widgets.CheckboxInput: "checkbox",
    widgets.RadioSelect: "choice",
    widgets.CheckboxSelectMultiple: "people",
    widgets.Select: "select",
    widgets.FileInput: "file",
}


@dataclass(frozen=True)
class GivenSignature:
    """What a signature pad sent: a picture as a data address, or a refusal with its reason."""

    image: str
    refused: bool
    reason: str


def read_signature(sent: MultiValueDict[str, str], name: str) -> GivenSignature:
    """The three inputs of the signature `name`: its picture, the refusal, the reason."""
    refused = bool(sent.get(f"{name}-refused"))
    return GivenSignature(
        image="" if refused else sent.get(name, ""),
        refused=refused,
        reason=sent.get(f"{name}-reason", "").strip(),
    )
