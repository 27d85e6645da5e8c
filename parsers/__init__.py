"""Text to syntax: languages as data, bounded parsing, functions and their documentation, edits."""
