"""Resources: everything that touches the outside: files, databases, keys, models, clocks."""
