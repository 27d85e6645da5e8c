"""A run's `report.html`: what was made, how good it is, and whether it can be trusted. It never imports Beam."""

from pipeline.report.page import write_report

__all__ = ["write_report"]
