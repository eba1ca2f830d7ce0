import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import assets

PROJECT = Path(assets.__file__).resolve().parents[1]
LEFT_OF_THE_WALL = (
    "resources.stores.inbox.inbox",
    "resources.stores.consent.consent_register",
    "resources.base.keys.key_store",
    "resources.stores.vectors.vector_store",
    "resources.stores.scores.score_store",
    "resources.stores.inbox.collection_records",
    "resources.base.database.connection",
    "resources.stores.consent.consent_spans",
    "resources.stores.release.release_store",
    "resources.stores.release.release_ledger",
    "resources.stores.release.release_journal",
    "resources.stores.release.release_methods",
    "resources.stores.release.release_people",
    "resources.stores.release.release_requests",
    "resources.stores.release.corrections",
    "resources.stores.release.method_changes",
    "assets.restricted.release.region_release",
    "opendp",
    "resources.wiring.restricted",
    "resources.models.sentence_encoder",
    "assets.restricted.collection",
    "assets.restricted.scrubbing",
    "assets.restricted.scoring",
    "pyrage",
    "presidio_analyzer",
    "sentence_transformers",
)
SCRIPT = """
import json, sys
from orchestration.public import public_definitions
from resources.base.home import load_home
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
