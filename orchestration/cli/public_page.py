"""Writing the public page from a command, outside a run."""

from contextlib import suppress

from assets.core.errors import TidelineError
from assets.core.public_files import NEXT_RELATIONS
from assets.public.page.asset import write_dashboard
from assets.public.records.asset import write_facts
from assets.public.relations.asset import write_relations
from orchestration.cli.session import Session
from orchestration.public import vintages_of
from resources.stores.published.published_values import PublishedValues
from resources.stores.published.releases import Releases
from resources.stores.published.reviewed_facts import ReviewedFacts
from resources.stores.reviewed.fact_book import FactBook


def write_page(session: Session) -> int:
    """Make a release of what is published, if anything is new. Returns the rows shown.

    Raises:
        StorageError: see `write_dashboard`, as for the rest.
    """
    home, published_values = session.home, PublishedValues(session.url)
    _take_facts(session)
    try:
        write_relations(home, published_values)
    except BaseException:
        # Those of before may be made with what was taken back: the next release has none.
        (home.public / NEXT_RELATIONS).unlink(missing_ok=True)
        raise
    finally:
        # What was taken back goes out of every release, whatever else fails.
        rows = write_dashboard(home, published_values, vintages_of(home), session.clock)
    return rows


def _take_facts(session: Session) -> None:
    """Let what is signed cross the wall, as the jobs do; what stood stands where that fails."""
    # Loads a model, which commands that write no page can do without.
    from assets.restricted.reviewed_facts.facts import record_facts  # noqa: PLC0415

    # Taking back waits for no register and no model.
    with suppress(TidelineError):
        record_facts(session.home, FactBook(session.database), session.clock)
        write_facts(session.home, ReviewedFacts(session.url))


def nothing_left(session: Session) -> bool:
    """Whether all that was taken back is out of every public file, also if no page was made.

    Raises:
        StorageError: `PUBLISHED_VALUES_NOT_READABLE`.
    """
    gone = PublishedValues(session.url).retractions()
    return not Releases(session.home.public).not_yet_gone(gone)


def what_stands(session: Session) -> str:
    """What readers find where no page could be made, in words."""
    releases = Releases(session.home.public)
    if releases.pointed():
        return "The page that was there stays: it shows none of them."
    if releases.shows_a_page():
        return "A notice that values were taken back stands in place of the page."
    return "There is no public page, so nothing was to be taken out of it."
