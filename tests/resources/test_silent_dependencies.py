"""The switches are set, whatever the user set, before a library that reads them is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from resources.base.silent_dependencies import SWITCHES, environment

PROJECT = Path(__file__).parents[2]
READERS = (
    "dagster", "dagster_shared", "great_expectations", "huggingface_hub", "hf_xet", "joblib",
    "onnxruntime", "presidio_analyzer", "sklearn", "tldextract", "torch", "transformers",
)  # fmt: skip
TOLD = """
import json, os, sys
loaded = []
set_to = os.environ.update
class Watched(type(os.environ)):
    def update(self, *given, **named):
        loaded.extend(one for one in {readers} if one in sys.modules)
        super().update(*given, **named)
os.environ.__class__ = Watched
{importing}
print(json.dumps([loaded, {{name: os.environ.get(name) for name in {names}}}]))
"""


@pytest.mark.parametrize(
    "importing",
    [
        "from assets.restricted.scrubbing import Scrubber",
        "import orchestration.cli",
        # All that Dagster's web UI and daemon load of ours.
        "from resources.containment.sealed_event_log import SealedPostgresEventLogStorage",
    ],
)
def test_the_switches_come_first(importing: str) -> None:
    script = TOLD.format(importing=importing, readers=READERS, names=list(SWITCHES))
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        # What a user could have set to have it on.
        env={**os.environ, **dict.fromkeys(SWITCHES, "0"), "GX_ANALYTICS_ENABLED": "true"},
        capture_output=True,
        check=True,
    )
    loaded, found = json.loads(told.stdout.splitlines()[-1])
    assert loaded == []
    assert found == environment()


def test_dagsters_processes_inherit_them(session) -> None:
    assert environment().items() <= session.environment().items()


def test_every_switch_says_what_it_stops_and_where_that_stands() -> None:
    assert all(one.stops and one.source for one in SWITCHES.values())
