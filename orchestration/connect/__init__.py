"""Connectors: each pulls chats from one platform, seals them at once, and keeps nothing of them.

A process of its own for each (`tideline connect PLATFORM`). It knows its settings, its token, which
the environment holds, its list of rooms and the inbox's public key, and nothing else of the home.
"""
