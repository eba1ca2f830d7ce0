"""Resources: everything that touches the outside: files, databases, keys, models, clocks."""

from resources.base import garbage_collection, silent_dependencies

# Before any library is imported, for most read their switches then.
silent_dependencies.apply()
garbage_collection.look_seldom()
