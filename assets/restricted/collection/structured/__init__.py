"""What the readers of structured exports (JSON, JSON Lines) share."""
