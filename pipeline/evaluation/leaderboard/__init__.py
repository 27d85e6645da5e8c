"""`themis report`: scores of any number of models to their `results.json`, a leaderboard and its figures."""
