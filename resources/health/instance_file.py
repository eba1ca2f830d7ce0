"""What `dagster.yaml` of a home's processes says of telemetry."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from resources.base.home import Home

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def telemetry_is_off(home: Home, template: Callable[[], str]) -> bool:
    """Whether the home's Dagster keeps usage to itself.

    Looked at is the file in `DAGSTER_HOME`, which is `HOME/dagster` unless the variable is set. A
    service's own folder is empty until `tideline serve` writes the file at every start: where
    there is none, what it would write counts.

    Args:
        home: the home.
        template: what the file is written from.

    Raises:
        PermissionError: this user may not look.
    """
    folder = Path(os.environ.get("DAGSTER_HOME") or home.dagster).expanduser()
    try:
        text = (folder / "dagster.yaml").read_text("utf-8")
    except FileNotFoundError:
        text = template()
    except UnicodeDecodeError:
        return False
    try:
        written = yaml.load(text, _LOADER)  # noqa: S506  (a safe one)
    except yaml.YAMLError:
        # Dagster would not start with it; what it would report is not known.
        return False
    telemetry = written.get("telemetry") if isinstance(written, dict) else None
    return isinstance(telemetry, dict) and telemetry.get("enabled") is False
