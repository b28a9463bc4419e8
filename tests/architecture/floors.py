"""The floors of the house, read from the import contract, so that they are written once."""

import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "src" / "huiyin"


def floors() -> dict[str, int]:
    """Each module's floor, counted from the ground."""
    linter = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (house,) = (c for c in linter["contracts"] if c["name"] == "The house, floor by floor")
    return {
        module.strip(" ()"): floor
        for floor, line in enumerate(reversed(house["layers"]))
        for module in line.replace(":", "|").split("|")
    }
