"""Pages written from the code, settings and errors, by ``python -m bilten.documentation``."""
