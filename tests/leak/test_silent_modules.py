"""Modules that may hold text have no line that tells it: no log, print or word to Dagster."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RESTRICTED = sorted(
    path
    for folder in ("assets/core", "assets/restricted", "resources", "evaluation")
    for path in (ROOT / folder).rglob("*.py")
    # Plants a word to find it again.
    if path.name != "canary.py"
)
SILENCERS = {
    "assets/core/expectations.py": {"warnings"},
    # Counts and closed words, and they pass the seal.
    "assets/core/partition_events.py": {"add_asset_metadata"},
    "assets/restricted/scrubbing/stored_vectors.py": {"to_parquet", "write_table"},  # into memory
    "assets/restricted/scrubbing/tagged_text.py": {
        "stdout",
        "stderr",
    },  # a command for made-up sentences
    "resources/stores/vectors/group_day_vectors.py": {"write_table"},  # into memory
    "resources/containment/hardening.py": {
        "faulthandler",
        "tracemalloc",
        "logging",
        "getLogger",
        "stderr",
    },
    "resources/base/runs/dead_runs.py": {"add_run_tags"},  # closed words
    # They run PostgreSQL's programs, and make private folders for the copy of one and a socket.
    "resources/base/database/embedded_postgres/account.py": {"subprocess"},
    "resources/base/database/embedded_postgres/binaries.py": {"subprocess"},
    "resources/base/database/embedded_postgres/cluster.py": {"subprocess", "mkdtemp", "stdout"},
    "resources/base/database/embedded_postgres/server.py": {"subprocess"},
    "resources/base/database/embedded_postgres/socket_folder.py": {"mkdtemp"},
    "resources/base/database/embedded_postgres/starting.py": {"subprocess"},
    # From pg_restore to psql by a pipe; of what psql says only SQLSTATEs are looked for.
    "resources/maintenance/database_backup.py": {"subprocess", "stdout", "stderr"},
    "resources/base/runs/lifeline.py": {"mkstemp"},
    # Processes of a cluster, what they are to be and where they answer, and their private folders.
    "resources/scale_out/local.py": {"subprocess", "mkdtemp", "stdout"},
    "resources/scale_out/node_process.py": {"mkdtemp"},
    "resources/scale_out/served.py": {"stdout"},
    "resources/scale_out/sealed_dask.py": {"logging", "getLogger"},
    # Codes and counts, in an auditor's hands.
    "resources/stores/chain/proof.py": {"stdout"},
    "resources/containment/quiet.py": {"logging", "warnings", "getLogger", "stdout", "stderr"},
}
"""Modules that use these to silence others or for what is no text, and tell nothing by them."""

TELLING_MODULES = {
    "logging",
    "warnings",
    "structlog",
    "loguru",
    "rich",
    "tqdm",
    "syslog",
    "pdb",
    "subprocess",
    "faulthandler",
    "tracemalloc",
}
TELLING_NAMES = {"print", "breakpoint", "get_dagster_logger", "getLogger"}
TELLING_ATTRIBUTES = {
    "log",
    "log_event",
    "add_output_metadata",
    "add_asset_metadata",
    "add_note",
    "get_dagster_logger",
    "getLogger",
    "stdout",
    "stderr",
    "add_run_tags",
    "add_dynamic_partitions",
    "report_engine_event",
    "report_runless_asset_event",
    "print_exc",
    "print_exception",
    "format_exc",
    "NamedTemporaryFile",
    "TemporaryFile",
    "SpooledTemporaryFile",
    "mkstemp",
    "mkdtemp",
    "system",
    "popen",
    "settrace",
    "set_debug",
    "SharedMemory",
    "set_cursor_values",
    "to_csv",
    "to_pickle",
    "to_parquet",
    "to_json",
    "write_table",
    "savez",
    "memmap",
}


COMPUTING = {"math", "numpy", "scipy", "torch"}
"""Modules whose `log` is a logarithm."""


def _modules(tree: ast.AST) -> dict[str, str]:
    """Each name that stands for a module, and the top package of that."""
    return {
        one.asname or one.name.partition(".")[0]: one.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for one in node.names
    }


def telling(source: str, allowed: frozenset[str] | set[str] = frozenset()) -> set[str]:
    """What of a module's code tells something to someone outside."""
    found = set()
    tree = ast.parse(source)
    modules = _modules(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {one.name.partition(".")[0] for one in names} & TELLING_MODULES
            case ast.ImportFrom(module=str(module)):
                found |= {module.partition(".")[0]} & TELLING_MODULES
                found |= {one.name for one in node.names} & (TELLING_NAMES | TELLING_ATTRIBUTES)
            case ast.Name(id=name) if name in TELLING_NAMES:
                found.add(name)
            case ast.Attribute(attr="log", value=ast.Name(id=base)) if (
                modules.get(base) in COMPUTING
            ):
                pass
            case ast.Attribute(attr=name) if name in TELLING_ATTRIBUTES:
                found.add(name)
    return found - set(allowed)


@pytest.mark.parametrize("path", RESTRICTED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_restricted_module_tells_nothing(path):
    name = path.relative_to(ROOT).as_posix()
    assert telling(path.read_text("utf-8"), SILENCERS.get(name, frozenset())) == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("print(text)", {"print"}),
        ("context.log.info(text)", {"log"}),
        ("import logging\nlogging.getLogger().error(text)", {"logging", "getLogger"}),
        ("from dagster import get_dagster_logger", {"get_dagster_logger"}),
        ("sys.stderr.write(text)", {"stderr"}),
        ("import tempfile\ntempfile.mkstemp()", {"mkstemp"}),
        ("error.add_note(text)", {"add_note"}),
        ("context.instance.add_run_tags(run_id, {text: text})", {"add_run_tags"}),
        ("instance.add_dynamic_partitions('groups', [text])", {"add_dynamic_partitions"}),
        ("import subprocess", {"subprocess"}),
        ("frame.to_csv(path)", {"to_csv"}),
        ("pyarrow.parquet.write_table(table, path)", {"write_table"}),
        ("import math\nmath.sqrt(4)", set()),
        ("import math\nmath.log(4)", set()),
        ("import numpy as np\nnp.log(lengths)", set()),
        ("np.log(lengths)", {"log"}),
        ("import numpy as np\ncontext.log(text)", {"log"}),
    ],
)
def test_a_telling_line_is_found(source, found):
    assert telling(source) == found
