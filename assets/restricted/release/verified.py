"""Nothing is released on top of what somebody changed."""

from assets.core.errors import AuditError
from resources.wiring.context import RestrictedContext


def verify_before_release(restricted: RestrictedContext) -> None:
    """Verify the hash chain, and say to the public side which values were found whole.

    Raises:
        AuditError: the first code that was found; `tideline verify` says all of them.
    """
    for code in restricted.chain.verify().codes:
        raise AuditError(code)
    restricted.chain.record_verified(restricted.clock.now())
