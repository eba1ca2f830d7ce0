"""What `dagster.yaml` of a home says of telemetry."""

from typing import Any

import yaml

from resources.base.home import Home

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def telemetry_is_off(home: Home) -> bool:
    """Whether the home's Dagster keeps usage to itself; a home without the file has none yet.

    Raises:
        PermissionError: this user may not look.
    """
    path = home.dagster / "dagster.yaml"
    if not path.is_file():
        return True
    try:
        written = yaml.load(path.read_text("utf-8"), _LOADER)  # noqa: S506  (a safe one)
    except (yaml.YAMLError, UnicodeDecodeError):
        # Dagster would not start with it; what it would report is not known.
        return False
    telemetry = written.get("telemetry") if isinstance(written, dict) else None
    return isinstance(telemetry, dict) and telemetry.get("enabled") is False
