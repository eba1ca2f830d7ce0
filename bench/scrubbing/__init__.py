"""What scrubbing leaves and keeps, and how fast, on messages that nothing was tuned on."""
