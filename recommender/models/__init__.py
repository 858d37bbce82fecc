"""Models behind one protocol: what each customer may want, as a number."""
