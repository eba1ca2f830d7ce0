"""A rehearsal: the installed program runs an auditor's own invented exports, and is searched.

Everything of it lies in one folder that is gone afterwards. No home, key or database of a study is
opened for it.
"""
