"""The points ledger: it only ever adds rows; a balance is what they add up to."""
