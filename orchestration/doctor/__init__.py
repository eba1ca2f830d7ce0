"""`tideline doctor`: what is wrong with a home, item by item, each with a code and what to do."""
