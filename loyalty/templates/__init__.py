"""Messages in marketers' own words: templates, their versions and their languages."""
