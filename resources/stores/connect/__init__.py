"""Between a home and its connectors: settings, list of rooms, state, health, sealed exports."""
