"""Names of invented people, by where such names come from. Any likeness is chance."""

import csv
from importlib.resources import files


def _names(part: str) -> dict[str, tuple[str, ...]]:
    table = files("simulation.chat") / "people.csv"
    rows = csv.DictReader(table.read_text("utf-8").splitlines())
    return {row["origin"]: tuple(row["names"].split()) for row in rows if row["part"] == part}


FIRST_NAMES = _names("first")
LAST_NAMES = _names("last")
# Those who are cared for are of an older generation, whatever their origin.
RESIDENT_FIRST_NAMES = _names("resident")[""]

ORIGINS = tuple(FIRST_NAMES)
ORIGIN_WEIGHTS = tuple({"british": 10, "nigerian": 4}.get(origin, 2) for origin in ORIGINS)

RESIDENT_TITLES = ("Mr", "Mrs", "Miss", "Mr.", "Mrs.")
# What people add to a contact's name when they save it.
SAVED_ENDINGS = (" work", " (nights)", " carer", " RGN", " 🌸", " Snr", " agency", " 💙")
