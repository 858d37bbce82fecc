"""What workers do: one module for each subject, functions with plain arguments."""
