"""The demo shop: its data, its clock, its mailbox and its simulated shoppers."""
