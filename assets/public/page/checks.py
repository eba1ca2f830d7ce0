"""The check of a release that stands: its files against its own manifest."""

from hashlib import sha256

import dagster as dg

from assets.core.coded_failures import coded
from assets.core.names import DASHBOARD, RELEASE_AS_LISTED
from resources.base.home import Home
from resources.stores.published.releases import Releases


def files_that_differ(releases: Releases, number: int) -> tuple[int, int]:
    """How many files of a release its manifest lists with a digest, and how many are otherwise.

    Of what was taken back it keeps names alone, which are not counted.

    Args:
        releases: of a public folder.
        number: of the release.

    Raises:
        PublicationError: `RELEASE_FOLDER_DAMAGED`.
    """
    listed = {
        name: one["sha256"] for name, one in releases.manifest(number)["files"].items() if one
    }
    folder = releases.folder(number)
    wrong = [
        name
        for name, digest in listed.items()
        if not (folder / name).is_file()
        or sha256((folder / name).read_bytes()).hexdigest() != digest
    ]
    return len(listed), len(wrong)


@dg.asset_check(
    asset=DASHBOARD,
    name=RELEASE_AS_LISTED,
    description="Each file of the newest release is there, as its manifest has it by SHA-256.",
)
@coded
def release_as_listed(home: dg.ResourceParam[Home]) -> dg.AssetCheckResult:
    """Look at the newest release; there is nothing to find before the first."""
    releases = Releases(home.public)
    newest = max(releases.numbers(), default=None)
    listed, wrong = (0, 0) if newest is None else files_that_differ(releases, newest)
    return dg.AssetCheckResult(passed=not wrong, metadata={"checked": listed, "refused": wrong})
