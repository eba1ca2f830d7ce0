"""Page: the public page, made from published values alone."""
