"""Wiring: the stores of a home, put together for those who work with them."""
