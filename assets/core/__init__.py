"""Governance: modes, the study record, error codes and the words all stages share."""
