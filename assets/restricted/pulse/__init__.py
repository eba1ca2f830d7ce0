"""The pulse: members' answers are opened in memory, combined by region with noise, and deleted."""
