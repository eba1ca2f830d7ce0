"""`docs/errors.md`, written from the catalogue: `python -m assets.core.error_table`."""

from pathlib import Path

from assets.core.errors import CATALOGUE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
_HEAD = """\
# Error codes

Every error of Tideline has a code, and nothing in it is made from data. `tideline` prints the
code, what happened and what to do, and exits with the status given here; `tideline status` shows
the last code of each group reference.

This page is written by `python -m assets.core.error_table`.

| code | exit status | what happened | what to do |
|---|---|---|---|
"""


def error_table() -> str:
    """The whole page, codes in alphabetical order."""
    return _HEAD + "".join(
        f"| `{code}` | {entry.exit_status} | {entry.happened} | {entry.next_step} |\n"
        for code, entry in sorted(CATALOGUE.items())
    )


if __name__ == "__main__":
    PAGE.write_text(error_table(), "utf-8")
