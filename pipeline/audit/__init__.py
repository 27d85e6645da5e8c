"""Where a pair came from, whether it can be made again, and whether a run's folder holds."""
