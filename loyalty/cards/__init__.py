"""Cards: issuing, numbering, and how they are shown."""
