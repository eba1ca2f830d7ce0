"""Benchmark of the page's verdicts: false episodes, planted changes and swings, contradictions."""
