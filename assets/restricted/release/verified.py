"""Nothing is released on top of what somebody changed."""

from assets.core.errors import AuditError
from resources.stores.published.releases import Releases
from resources.wiring.context import RestrictedContext


def verify_before_release(restricted: RestrictedContext) -> None:
    """Verify the hash chain, also against the heads in the manifests of releases.

    Raises:
        AuditError: the first code that was found; `tideline verify` says all of them.
    """
    published = Releases(restricted.before_reading.home.public).chain_heads()
    for code in restricted.chain.verify(restricted.clock.today(), published).codes:
        raise AuditError(code)
