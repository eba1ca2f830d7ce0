"""How well the scores measure what they are meant to: measures, and the report of them."""
