"""Cheap filters of a change, one file each: why a commit can't make a pair, before anything costly looks at it."""
