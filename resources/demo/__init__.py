"""The demo: an invented world, and sources that answer like the exporters and the engine of a real cluster."""
