"""A made-up year of a small home, day by day, held against a reference model every day."""
