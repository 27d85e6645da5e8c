"""Requests to a generator and what becomes of its answers, one file a task."""
