"""The portal's texts in English, which translators get as one file (`texts_en.yaml`)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from assets.core.errors import StorageError
from resources.stores.portal.settings import PortalSettings

_HERE = Path(__file__).parent


@cache
def texts() -> Mapping[str, Any]:
    """All texts, by section and name."""
    return yaml.safe_load((_HERE / "texts_en.yaml").read_text("utf-8"))


@cache
def _environment() -> Environment:
    """Escapes all that is put in, and fails on a name that nothing stands for."""
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, status: int = 200, **given: Any) -> HTMLResponse:
    """A page of a template.

    Args:
        template: name of a file in `templates/`.
        status: of the answer.
        given: what the template puts in, beside `t`, the texts.
    """
    return HTMLResponse(
        _environment().get_template(template).render(t=texts(), **given), status_code=status
    )


def not_recorded(settings: PortalSettings, error: StorageError, who: str) -> HTMLResponse:
    """What is told where nothing was recorded, and which other way there is.

    Args:
        settings: the portal's.
        error: why; a day that is full says so, for trying again in minutes helps nobody then.
        who: a key of the texts `full`.
    """
    template = "full.html" if error.code == "PORTAL_FULL" else "later.html"
    return page(template, 503, settings=settings, who=who)


def refused(settings: PortalSettings) -> HTMLResponse:
    """What a link gets that can't be used, whatever the reason is: one page, and whom to ask."""
    return page("refused.html", 403, settings=settings)
