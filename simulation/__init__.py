"""Simulation: simulated chats, regions and weeks, for demo, tests, bench and evaluation."""
