"""The inbox: sealed exports, and counts of what reading them gave."""
