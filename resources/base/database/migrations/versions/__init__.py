"""A module for each version that the database has had."""
