"""Connectors: each pulls chats from one platform, seals them at once, and keeps nothing of them.

A process of its own for each (`tideline connect PLATFORM`). It knows its settings, its token, which
the environment holds, its list of rooms and the inbox's public key, and nothing else of the home.

A platform that can be asked for a span of time needs a `Puller` (`contract.py`); `Turns` does the
rest. One with a queue that hands out each message once works with `Delivery` itself: plan, put,
acknowledge with the queue's position, and only then tell the platform. Requests of either go
through `Asking`, which asks for permission before each.
"""
