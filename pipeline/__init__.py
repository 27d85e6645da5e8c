"""Wiring, and everything that a user touches. The only package that knows Beam."""
