class EmbeddedError(Exception):
    """Something on this machine keeps the portal from starting; the text is one sentence for the person at the console."""
