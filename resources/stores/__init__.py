"""Stores: each keeps one kind of record behind one face."""
