"""The stages, in the order data flows; each has its asset beside its pure functions."""

import resources  # noqa: F401  (silences libraries before they are imported)
