"""Telegram: the chats of a file, and the chronicle of one of them."""
