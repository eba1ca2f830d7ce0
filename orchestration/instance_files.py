"""`dagster.yaml` and `workspace.yaml`: the package holds them for where there is no checkout.

Dagster's own commands look for both at the top of a checkout; `python -m
orchestration.instance_files` writes those copies, and a test compares them.
"""

from pathlib import Path

from assets.core.names import (
    CHECKS,
    EXTERNAL_ASSETS,
    PUBLIC_ASSETS,
    PUBLIC_CHECK_STEPS,
    PUBLIC_JOBS,
    RESTRICTED_ASSETS,
    RESTRICTED_JOBS,
)
from resources.base.files import write_once
from resources.base.home import Home
from resources.wiring.commands import instance_configuration

EVENT_BATCH = "500"
"""Events that Dagster stores at a time: on PostgreSQL a commit each costs more than the work."""

WORKSPACE = Path(__file__).with_name("workspace.yaml")
_INSTANCE = Path(__file__).with_name("dagster.yaml")
_LISTS = {
    "known_names": (
        *EXTERNAL_ASSETS,
        *RESTRICTED_ASSETS,
        *PUBLIC_ASSETS,
        *CHECKS,
        *RESTRICTED_JOBS,
        *PUBLIC_JOBS,
    ),
    "public_jobs": PUBLIC_JOBS,
    "public_steps": (*PUBLIC_ASSETS, *PUBLIC_CHECK_STEPS),
}


def instance_template() -> str:
    """The text of `dagster.yaml` with the names that may be stored, but for a home's regions."""
    text = _INSTANCE.read_text("utf-8")
    for name, names in _LISTS.items():
        text = text.replace(f"    {name}: []\n", f"    {name}:\n{_items(names)}", 1)
    return text


def write_instance_configuration(home: Home, folder: Path | None = None) -> Path:
    """Write a home's `dagster.yaml` into a folder, where it differs from what is there.

    Args:
        home: the home.
        folder: a DAGSTER_HOME, which is there; the home's own by default.

    Returns:
        The file.

    Raises:
        StorageError: `DISK_FULL`, `DISK_NOT_WRITABLE`.
    """
    path = (folder or home.dagster) / "dagster.yaml"
    content = instance_configuration(instance_template(), home)
    if not path.is_file() or path.read_text("utf-8") != content:
        write_once(path, content.encode())
    return path


def _items(names: tuple[str, ...]) -> str:
    return "".join(f"      - {one}\n" for one in names)


def top_level() -> dict[str, str]:
    """The name and text of each copy at the top of a checkout."""
    return {
        "dagster.yaml": instance_template(),
        "workspace.yaml": WORKSPACE.read_text("utf-8"),
    }


if __name__ == "__main__":
    for name, text in top_level().items():
        Path(__file__).resolve().parents[1].joinpath(name).write_text(text, "utf-8")
