"""Doing what a second person approved: a revision, or the adoption of a method."""

from collections.abc import Callable

import dagster as dg

from assets.core.errors import ReleaseError
from assets.core.modes import refuse_mode_that_never_publishes
from assets.core.names import REGIONAL_AGGREGATES
from assets.core.region_day import partition_key
from assets.restricted.release.in_force import in_force
from assets.restricted.release.region_release import RegionRelease
from orchestration.cli.session import Session
from resources.stores.release.corrections import Corrections
from resources.stores.release.evidence import Releasing
from resources.stores.release.method_changes import MethodChanges
from resources.stores.release.release_requests import Request, RequestKind

_OUTCOMES = {
    "published": "published",
    "not_published": "not published, for the thresholds or the week's changes don't allow it",
}


def in_words(request: Request) -> str:
    """A request as the second person is shown it."""
    asked = f"Asked by {request.person}, reason {request.reason}:"
    if request.kind is RequestKind.ADOPTION:
        return f"{asked} draw by {request.method_version} from {request.day} on."
    return f"{asked} draw {request.region} on {request.day} again."


def carry_out(session: Session, request: Request, record: Callable[[], None]) -> str:
    """Do what a request asks for.

    Args:
        session: the home.
        request: one that this person may approve.
        record: records the approval; it is called once nothing but the doing is left.

    Returns:
        What was done, in words.

    Raises:
        ReleaseError: what `Corrections.to_revise`, `RegionRelease.revise` and
            `MethodChanges.adopt` raise; `DRAW_LOST` if the draw of an earlier approval was lost,
            and the region-day's new revision is therefore not published.
        SealError: see `Session.instance`.
    """
    if request.kind is RequestKind.ADOPTION:
        changes = MethodChanges(session.database)
        now, today = session.clock.now(), session.clock.today()
        changes.refuse_adoption(request, today)
        record()
        changes.adopt(request, now, today)
        return f"From {request.day} on, {request.method_version} draws what is published."
    outcome = _revise(session, request, record)
    if outcome == "burned":
        raise ReleaseError("DRAW_LOST")
    return (
        f"{request.region} on {request.day} was drawn again: {_OUTCOMES[outcome]}. `tideline"
        " dashboard` writes the public page with it."
    )


def _revise(session: Session, request: Request, record: Callable[[], None]) -> str:
    assert request.region is not None  # noqa: S101  (a revision's request has one)
    region, day = request.region, request.day
    refuse_mode_that_never_publishes(session.home.config.mode)
    with session.instance() as instance:
        # Only now, for the instance's environment is that of the resources too.
        resources = session.resources
        release = RegionRelease(
            **{
                name: resources[name]
                for name in (
                    "settings",
                    "register",
                    "score_store",
                    "release_store",
                    "release_ledger",
                    "release_journal",
                    "clock",
                )
            },
            releasing=Releasing(in_force(session.home), None),
        )
        with resources["region_day_locks"].writing([(region, day)]):
            before = Corrections(session.database).to_revise(request)
            record()
            outcome = release.revise(before, resources["release_methods"].plan(day).micro_rho)
        instance.report_runless_asset_event(
            dg.AssetMaterialization(
                REGIONAL_AGGREGATES,
                partition=partition_key(region, day),
                metadata={outcome: 1},
            )
        )
    return outcome
