"""The stages, in the order data flows; each has its asset beside its pure functions."""
