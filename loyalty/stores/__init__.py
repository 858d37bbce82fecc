"""The programme, its stores and their tills."""
