"""Training of the reward suite on finished shards; it never imports Beam, and torch only once it trains."""
