"""What everything costs, beside what somebody would pick instead: one table, three plots."""
