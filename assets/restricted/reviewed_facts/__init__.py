"""The one door across the wall for what is no value: facts that were reviewed."""
