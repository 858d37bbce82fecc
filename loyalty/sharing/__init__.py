"""Points between people: gifts, households that share a balance, friends brought."""
