"""Evaluation of reward models and of the rules that they must beat; it never imports Beam."""
