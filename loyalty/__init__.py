"""The loyalty service: features, use cases and the surfaces over them."""
