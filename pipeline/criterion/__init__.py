"""Which criterion a change improves, and how surely: words of its message, what its edit did, a small model of both."""
