"""What chooses the personal offers: how good it is, whom it reaches, its versions."""
