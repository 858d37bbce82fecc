"""The ledger's pure rules: lots, lifetimes, warnings, what points are worth, seals."""
