"""The machine's face of this app: same rows, same services, same refusals as the pages."""
