"""Resources of the server, one module each."""
