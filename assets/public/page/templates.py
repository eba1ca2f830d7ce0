"""The templates, scripts and styles that pages are made of."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent


@cache
def text(path: Path) -> str:
    """A file that is put into a page as it is."""
    return path.read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Escapes all that is put in, and fails on a name that nothing stands for."""
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style() -> Markup:
    """The style of all pages."""
    return Markup(text(HERE / "page.css"))  # noqa: S704 - our own file
