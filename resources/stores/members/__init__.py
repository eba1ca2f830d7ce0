"""Members: what they said about being read, by keyed digests."""
