"""The portal's side of the pulse: it puts down sealed answers, and knows nothing of them after."""

import base64
import re

from assets.core.errors import ConsentError
from resources.base.database.at_once import at_once
from resources.base.database.connection import Database
from resources.base.database.tables import pulse_answers
from resources.base.database.tables.pulse import PULSE_BYTES
from resources.stores.pulse.pulse_answer import PulseAnswer, is_frame, seal

_WRITTEN = re.compile(rf"[A-Za-z0-9_-]{{{-(-PULSE_BYTES * 4 // 3)}}}")


class PulseDoor:
    """Takes answers. It has no key but the inbox's public one.

    Args:
        database: in the portal's role.
        recipient: the inbox's public key.
    """

    def __init__(self, database: Database, recipient: str) -> None:
        self._database = database
        self._recipient = recipient

    def put(self, answer: PulseAnswer) -> None:
        """Seal an answer and put it down.

        Raises:
            ConsentError: `REQUEST_TOO_LONG`.
            StorageError: what `at_once` raises; nothing was recorded.
        """
        self.put_sealed(seal(answer, self._recipient))

    def put_from_browser(self, written: str) -> None:
        """Put down what a browser has sealed, after a look at its form and length alone.

        Args:
            written: the frame in base64url, without what fills it up.

        Raises:
            ConsentError: `REQUEST_NOT_READ` where it can't be a sealed answer.
            StorageError: as `put`.
        """
        if _WRITTEN.fullmatch(written) is None:
            raise ConsentError("REQUEST_NOT_READ")
        frame = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
        if not is_frame(frame):
            raise ConsentError("REQUEST_NOT_READ")
        self.put_sealed(frame)

    def put_sealed(self, sealed: bytes) -> None:
        """Put down an answer that was sealed and framed before; raises as `put`.

        The database says on which day it came.
        """
        row = {"sealed": sealed}
        at_once(
            self._database,
            lambda connection: connection.execute(pulse_answers.insert().inline().values(row)),
        )
