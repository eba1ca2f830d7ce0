"""Slack: the fields of its export, how they are read, and the chronicle of a channel."""
