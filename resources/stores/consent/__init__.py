"""Consents: the register, its journal, and who has left."""
