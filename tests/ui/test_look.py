"""The rules of the front end that a machine can hold: contrast, layers, sizes, what exists."""

import re
from pathlib import Path

import pytest

UI = Path(__file__).parents[2] / "src" / "huiyin" / "ui"
ICONS = Path(__file__).parents[2] / "tools" / "icons.txt"
CSS = UI / "static" / "ui" / "css"
JS = UI / "static" / "ui" / "js"
TEMPLATES = UI / "templates"

ON = ("ground", "sheet", "sunk")
PAIRS = [
    *((text, back) for text in ("text", "text-soft", "text-faint") for back in ON),
    *((tone, back) for tone in ("met", "due", "late", "accent") for back in ("ground", "sheet")),
    *((tone, f"{tone}-wash") for tone in ("met", "due", "late", "accent")),
    *(("text", f"{tone}-wash") for tone in ("met", "due", "late", "accent")),
    *((soft, "accent-wash") for soft in ("text-soft",)),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("sheet", "late"),
    ("sheet", "met"),
]


def _tokens() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (CSS / "tokens.css").read_text()))


def _meanings() -> dict[str, tuple[str, str]]:
    text = (CSS / "tokens.css").read_text()
    found = re.findall(
        r"--color-([\w-]+): light-dark\(var\(--([\w-]+)\), var\(--([\w-]+)\)\)", text
    )
    palette = _tokens()
    return {name: (palette[day], palette[night]) for name, day, night in found}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["day", "night"])
def test_a_button_that_cannot_be_pressed_can_be_read_whatever_it_is(mode: int) -> None:
    button = (CSS / "components" / "button.css").read_text()
    [rule] = re.findall(r"^\.button:disabled.*?\{(.*?)\}", button, re.MULTILINE)
    said = dict(re.findall(r"--button-(\w+): var\(--color-([\w-]+)\)", rule))

    text, back = (_meanings()[said[name]][mode] for name in ("text", "back"))

    assert _contrast(text, back) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize("pair", PAIRS, ids=" on ".join)
def test_words_can_be_read(pair: tuple[str, str], mode: int) -> None:
    text, back = (_meanings()[name][mode] for name in pair)

    assert _contrast(text, back) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["day", "night"])
def test_the_edge_of_a_control_can_be_seen(mode: int) -> None:
    meanings = _meanings()

    assert _contrast(meanings["edge"][mode], meanings["sheet"][mode]) >= 3


def test_a_browser_that_cannot_mix_stays_with_the_day() -> None:
    text = (CSS / "tokens.css").read_text()
    plain = dict(re.findall(r"--color-([\w-]+): var\(--([\w-]+)\);", text))

    assert {n: _tokens()[p] for n, p in plain.items()} == {
        n: d for n, (d, _) in _meanings().items()
    }


def test_every_stylesheet_is_inside_a_layer() -> None:
    imported = re.findall(
        r'@import url\("([^"]+)"\) layer\((\w+)\)', (CSS / "huiyin.css").read_text()
    )
    files = {str(p.relative_to(CSS)) for p in CSS.rglob("*.css")} - {"huiyin.css"}

    assert {name for name, _ in imported} == files


def test_colours_are_written_only_as_tokens() -> None:
    for path in CSS.rglob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", path.read_text()), path.name


def test_no_rule_shouts_or_names_an_id() -> None:
    for path in CSS.rglob("*.css"):
        text = path.read_text()
        assert "!important" not in text, path.name
        assert not re.search(r"(^|})\s*#[a-z]", text, re.M), path.name


def test_a_component_uses_only_tokens_that_exist() -> None:
    texts = {path: path.read_text() for path in CSS.rglob("*.css")}
    defined = {name for text in texts.values() for name in re.findall(r"(--[\w-]+):", text)}

    for path, text in texts.items():
        assert set(re.findall(r"var\((--[\w-]+)", text)) <= defined, path.name


@pytest.mark.parametrize(
    ("folder", "pattern", "limit"),
    [(TEMPLATES, "*.html", 120), (CSS, "*.css", 250), (JS, "*.js", 120)],
)
def test_files_stay_small(folder: Path, pattern: str, limit: int) -> None:
    for path in folder.rglob(pattern):
        assert len(path.read_text().splitlines()) <= limit, path.name


def test_every_behaviour_that_a_template_names_is_a_module() -> None:
    used = {
        name
        for path in TEMPLATES.rglob("*.html")
        for names in re.findall(r'data-behaviour="([^"]+)"', path.read_text())
        for name in names.split()
    }
    modules = {path.stem for path in (JS / "behaviours").glob("*.js")}
    registered = set(
        re.findall(r'import\("\./behaviours/([\w-]+)\.js"\)', (JS / "main.js").read_text())
    )

    assert used <= modules
    assert registered == modules


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    used = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }

    assert used <= set(ICONS.read_text().split())


def test_every_piece_says_what_it_takes() -> None:
    for path in TEMPLATES.rglob("*.html"):
        assert path.read_text().lstrip().startswith(("{#", "{% extends")), path.name
        assert "{#" in path.read_text(), path.name


def test_every_class_of_a_piece_has_a_style() -> None:
    styled = set(re.findall(r"\.([a-z][\w-]*)", "".join(p.read_text() for p in CSS.rglob("*.css"))))
    used = set()
    for path in TEMPLATES.rglob("*.html"):
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            plain = re.sub(r"[\w-]*{[{%].*?[}%]}[\w-]*", " ", value)
            used |= {word for word in plain.split() if not word.endswith("--")}

    assert sorted(used - styled) == []
