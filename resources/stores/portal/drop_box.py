"""Where the portal puts down what people send: it adds rows, in a role that reads none.

Of an invitation, whose random id it must be given, it is told whether an answer came; adding a
second one would tell as much.
"""

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from assets.core.errors import SetupError
from assets.core.modes import Mode
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.roles import PORTAL_URL, Role, configured_url
from resources.base.database.tables import consent_events, portal_consents
from resources.stores.group_locks import take_group, take_register
from resources.stores.portal.answers import Answer
from resources.stores.portal.invitations import Invited

VIA = "portal"

_ANSWERED = sa.text("SELECT restricted.is_answered(:invitation)")

_READS_SOMETHING = sa.text(
    "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ANY(:others)"
    " AND pg_has_role(session_user, oid, 'MEMBER'))"
    " OR EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname IN ('restricted', 'release', 'public', 'canary') AND relkind IN ('r', 'p')"
    " AND (has_any_column_privilege(session_user, pg_class.oid, 'SELECT, UPDATE')"
    " OR has_table_privilege(session_user, pg_class.oid, 'DELETE, TRUNCATE')))"
    " OR EXISTS (SELECT FROM pg_roles WHERE rolname = session_user"
    " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication))"
    " OR EXISTS (SELECT FROM pg_roles WHERE rolname IN ('pg_read_all_data', 'pg_write_all_data',"
    " 'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')"
    " AND pg_has_role(session_user, oid, 'MEMBER'))"
)
"""Or could change something, or get round a policy."""


def portal_login() -> URL:
    """The portal's own login, of which the home's are no part.

    Raises:
        SetupError: `PORTAL_LOGIN_MISSING`.
        StorageError: `DATABASE_URL_INVALID`.
    """
    url = configured_url(PORTAL_URL)
    if url is None:
        raise SetupError("PORTAL_LOGIN_MISSING")
    return url


class DropBox:
    """Adds rows by the portal's own login.

    Args:
        login: the login; tests may give one of another name.
        mode: of the home.
    """

    def __init__(self, login: URL, mode: Mode) -> None:
        self._database = Database(login, Role.PORTAL)
        self._mode = mode

    @property
    def database(self) -> Database:
        """In the portal's role, for what members send."""
        return self._database

    def require_reads_nothing(self) -> None:
        """Refuse a login that could read.

        Raises:
            SetupError: `PORTAL_LOGIN_READS`.
            StorageError: `POSTGRES_NOT_REACHABLE`, `DATABASE_REFUSED`.
        """
        others = [role.value for role in Role if role is not Role.PORTAL]
        with self._database.transaction() as connection:
            if connection.execute(_READS_SOMETHING, {"others": others}).scalar():
                raise SetupError("PORTAL_LOGIN_READS")

    def answer(self, invited: Invited, answer: Answer) -> bool:
        """Put an answer down. Returns False for an invitation that was answered before.

        Raises:
            StorageError: what `at_once` raises; nothing was recorded.
        """
        row = {
            "invitation": invited.says.invitation,
            "group_ref": invited.says.group_ref,
            "renews": invited.says.renews,
            "region": invited.says.region,
            "platform": invited.says.platform,
            "employer_ref": invited.says.employer_ref,
            "expires": invited.says.expires,
            "signature": invited.signature,
            "adult_workplace": answer.adult_workplace,
            "informed_on": answer.informed_on,
            "manages_members": answer.manages_members,
            "member_basis": answer.member_basis.value,
            "sector": answer.sector.value,
            "scopes": sorted(answer.scopes),
            "rhythm": answer.rhythm.value,
            "valid_until": answer.valid_until,
            "notice_version": answer.notice_version,
            "notice_digest": answer.notice_digest,
        }

        def insert(connection: sa.Connection) -> bool:
            try:
                with connection.begin_nested():
                    connection.execute(portal_consents.insert().inline().values(row))
            except IntegrityError:
                return False
            return True

        return at_once(self._database, insert)

    def was_answered(self, invited: Invited) -> bool:
        """Whether an answer to an invitation was put down: all that may be asked about one.

        Raises:
            StorageError: what `at_once` raises.
        """
        asked = {"invitation": invited.says.invitation}
        return at_once(
            self._database, lambda connection: connection.execute(_ANSWERED, asked).scalar_one()
        )

    def withdraw(self, group_ref: str) -> None:
        """Record a withdrawal; it acts at once, also of a consent that nobody has taken over yet.

        Raises:
            StorageError: what `at_once` raises; nothing was recorded.
        """

        def insert(connection: sa.Connection) -> None:
            # As whoever withdraws: what closes now has closed before, or sees it.
            take_group(connection, group_ref)
            take_register(connection)
            row = {
                "at": sa.func.clock_timestamp(),
                "kind": "withdrawn",
                "group_ref": group_ref,
                "mode": self._mode.value,
                "via": VIA,
            }
            connection.execute(consent_events.insert().inline().values(row))

        at_once(self._database, insert)

    def dispose(self) -> None:
        """Close its connections."""
        self._database.dispose()
