import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assets

PROJECT = Path(assets.__file__).resolve().parents[1]
LEFT_OF_THE_WALL = (
    "resources.inbox",
    "resources.consent_register",
    "resources.keys",
    "resources.vector_store",
    "resources.score_store",
    "resources.collection_records",
    "resources.database",
    "resources.consent_spans",
    "resources.release_store",
    "resources.release_ledger",
    "resources.release_journal",
    "resources.release_methods",
    "resources.release_people",
    "resources.release_requests",
    "resources.corrections",
    "resources.method_changes",
    "assets.aggregation.region_release",
    "opendp",
    "resources.of_home",
    "resources.of_steps",
    "resources.group_day_vectors",
    "resources.sentence_encoder",
    "assets.collection",
    "assets.scrubbing",
    "assets.scoring",
    "pyrage",
    "presidio_analyzer",
    "sentence_transformers",
)
SCRIPT = """
import json, sys
from orchestration.public import public_definitions
from resources.home import load_home
definitions = public_definitions(load_home())
definitions.resolve_job_def("publish")
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.slow
def test_the_public_location_loads_nothing_from_left_of_the_wall(session) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=PROJECT,
        env={**os.environ, **session.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "orchestration.public" in loaded
    assert [
        name
        for name in loaded
        if any(name == one or name.startswith(f"{one}.") for one in LEFT_OF_THE_WALL)
    ] == []
