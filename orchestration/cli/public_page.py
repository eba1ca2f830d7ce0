"""Writing the public page from a command, outside a run."""

from assets.public.page.asset import write_dashboard
from assets.public.relations.asset import write_relations
from orchestration.cli.session import Session
from orchestration.public import vintages_of
from resources.stores.published.published_values import PublishedValues


def write_page(session: Session) -> int:
    """Write the page and its data files anew from what is published. Returns the rows shown.

    Raises:
        StorageError: see `write_dashboard`, as for the rest.
    """
    home, published_values = session.home, PublishedValues(session.url)
    write_relations(home, published_values)
    return write_dashboard(home, published_values, vintages_of(home), session.clock)
