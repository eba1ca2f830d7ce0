"""The hash chain over what is recorded, and whether all of it still is as it was."""
