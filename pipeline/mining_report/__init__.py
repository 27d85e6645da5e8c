"""The labelling bench: what mining found, measured against hand-read commits."""
