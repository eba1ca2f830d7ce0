"""The forecast measured: simulated and given daily series, rivals, one report."""
