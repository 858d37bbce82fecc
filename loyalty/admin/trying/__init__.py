"""Trying a basket: the till's engine, line by line, with nothing kept."""
