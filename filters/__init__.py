"""Filters: one file each; a filter answers why a pair is not kept, or None."""
