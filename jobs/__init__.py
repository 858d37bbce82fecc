"""The background: queues, workers, the dispatcher, channels and tasks."""
