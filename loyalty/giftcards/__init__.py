"""Gift cards and members' stored value: money that was paid before it is spent."""
