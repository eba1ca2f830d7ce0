"""The name tagger: how likely each word is part of a person's, place's or organisation's name."""
