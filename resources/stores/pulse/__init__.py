"""The pulse: members' answers to a short scale, sealed; and what came of them, by region."""
