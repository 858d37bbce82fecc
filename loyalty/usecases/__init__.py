"""One module for each journey that spans features; none commits."""
