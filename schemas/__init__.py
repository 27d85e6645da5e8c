"""What flows, and what is written to disk. Imports nothing of ours."""
