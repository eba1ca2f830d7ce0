"""The portal: pages by which admins consent and withdraw, for who has a signed link.

A process of its own (`tideline portal`). It knows what its settings file says and may add rows to
the database, and nothing else.
"""
