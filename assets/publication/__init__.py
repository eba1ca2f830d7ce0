"""The public page and its data file, made from published values alone."""
