"""The digests that a deployed home tells, read from what is public and in the auditor's role."""

import tempfile
from pathlib import Path

from orchestration.audited_instance import audited
from orchestration.cli.rehearsal.build import told_by_release, told_by_runs
from resources.base.database.postgres import configured_to_audit
from resources.base.home import load_home


def told_by_home() -> dict[str, str]:
    """Digests of the home at TIDELINE_HOME, as far as they can be read without starting anything.

    Its newest release names its code; where its database has a server of its own, its newest runs
    name models and vocabulary.

    Raises:
        SetupError: what `load_home` raises.
        StorageError: `DATABASE_URL_INVALID`.
    """
    home = load_home()
    told = told_by_release(home.public)
    url = configured_to_audit()
    if url is not None:
        with (
            tempfile.TemporaryDirectory(prefix="tideline-audit-") as folder,
            audited(home, url, Path(folder)) as instance,
        ):
            told |= told_by_runs(instance)
    return told
