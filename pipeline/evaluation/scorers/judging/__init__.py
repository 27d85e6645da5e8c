"""How a judge is asked in words and tokens, and how its words are read."""
