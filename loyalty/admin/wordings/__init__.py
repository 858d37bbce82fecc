"""Templates: messages in marketers' own words, with preview and test."""
