"""No value of a step is ever handed to Dagster: steps write through stores, and pass counts."""

from typing import Any, NoReturn

import dagster as dg

from assets.core.errors import StorageError


class NoValuesIOManager(dg.IOManager):
    """Refuses to store or load any value, so that none can end up in a file."""

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:  # noqa: ARG002
        """Let an empty output pass.

        Raises:
            StorageError: `VALUE_REFUSED` for anything else.
        """
        if obj is not None:
            raise StorageError("VALUE_REFUSED")

    def load_input(self, context: dg.InputContext) -> NoReturn:  # noqa: ARG002
        """Refuse: there is nothing to load.

        Raises:
            StorageError: `VALUE_REFUSED`.
        """
        raise StorageError("VALUE_REFUSED")
