"""Where an earlier reading of a chat was up to, in numbers and places of the file, without a word.

A phone exports the whole chat each day. What an earlier reading found of the part that has not
changed is kept beside the group's exports, sealed as they are; the next export that begins with
the same bytes is read from there on. Every name and word in it is kept as its place in the file, so
that without the export, or with another, it tells none of them (docs/decisions/0025).
"""
