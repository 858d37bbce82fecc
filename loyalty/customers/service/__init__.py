"""Changes to customers: a module for each kind of change."""
