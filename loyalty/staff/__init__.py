"""Staff: who works here, what they may do, and the keys of machines."""
