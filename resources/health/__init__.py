"""How a home, its machine and its database are: facts, looked up without changing anything."""
