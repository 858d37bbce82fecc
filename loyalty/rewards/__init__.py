"""What points can be given for: rewards of a catalogue, and causes."""
