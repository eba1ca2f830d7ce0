"""Switches that keep libraries from reporting home, and from leaving files outside a home.

They are read when a library is imported, or at its first use, so they are set before: the packages
`assets`, `orchestration` and `resources` apply them first of all, and `Session.environment` hands
them to the processes that start with other code than ours (Dagster's web UI and daemon).
`tests/leak/test_reports_home.py` and `tests/browser/test_dev_ui.py` run the platform under strace
and show that they are enough.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Switch:
    """One environment variable.

    Attributes:
        value: what it is set to, whatever it was before.
        stops: what the library would do without it.
        source: where the library reads it, or says so.
    """

    value: str
    stops: str
    source: str


SWITCHES: Mapping[str, Switch] = {
    "ORT_DISABLE_TELEMETRY": Switch(
        "1",
        "ONNX Runtime looks up a host of Microsoft's, writes a device id and a queue of events to"
        " the user's cache folder, and sends them with the interpreter's path",
        "onnxruntime/Privacy.md, 'Disabling Telemetry'",
    ),
    "DAGSTER_DISABLE_TELEMETRY": Switch(
        "1",
        "the web UI and the daemon upload usage every hour",
        "dagster/_core/telemetry_upload.py; dagster.yaml's `telemetry` keeps it from being noted",
    ),
    "HF_HUB_OFFLINE": Switch(
        "1",
        "a model that is not a local folder is looked for on the hub",
        "huggingface_hub/constants.py",
    ),
    "TRANSFORMERS_OFFLINE": Switch(
        "1", "the same, by transformers' older name", "huggingface_hub/constants.py"
    ),
    "HF_HUB_DISABLE_TELEMETRY": Switch(
        "1", "calls of the hub carry versions and counts", "huggingface_hub/constants.py, hf_xet"
    ),
    "HF_XET_TELEMETRY_ENABLED": Switch(
        "0", "downloads are reported while they run", "strings of hf_xet's compiled module"
    ),
    "DO_NOT_TRACK": Switch(
        "1",
        "what libraries that keep to consoledonottrack.com send",
        "huggingface_hub/constants.py, hf_xet",
    ),
    "GX_ANALYTICS_ENABLED": Switch(
        "false",
        "earlier and perhaps later versions of Great Expectations send usage to PostHog",
        "great_expectations/data_context/data_context/abstract_data_context.py",
    ),
    "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": Switch(
        "",
        "Presidio's check of e-mail addresses, which we leave out, fetches a list of domains",
        "tldextract/tldextract.py",
    ),
    "TLDEXTRACT_CACHE": Switch(
        "", "and keeps it in the user's cache folder", "tldextract/cache.py"
    ),
    "TORCHINDUCTOR_CACHE_DIR": Switch(
        # A folder that is there already: nothing here compiles, and none is made.
        str(Path(__file__).resolve().parent),
        "importing transformers leaves a folder of a well-known name in the temporary folder",
        "torch/_inductor/runtime/cache_dir_utils.py",
    ),
    "JOBLIB_MULTIPROCESSING": Switch(
        "0",
        "importing scikit-learn makes a semaphore in shared memory; runs stay in one process",
        "joblib/_multiprocessing_helpers.py",
    ),
}
"""Every switch, by variable. Read in the sources of what constraints.txt pins; others of its
packages (PyTorch, spaCy, Presidio, Arrow, gRPC, OpenDP, Plotly, pydantic, SQLAlchemy, holidays,
langdetect, fsspec) have code that fetches only where a caller names what to fetch."""


def environment() -> dict[str, str]:
    """Variables and values, for a process that is about to be started."""
    return {name: switch.value for name, switch in SWITCHES.items()}


def apply() -> None:
    """Set them in this process, over whatever the user set: nobody turns reporting on again."""
    os.environ.update(environment())
