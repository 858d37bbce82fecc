"""Reading deliveries: values for pages and workers, never rows."""
