"""One comparison in one run: Strongroom, pypiserver, devpi-server, and nginx serving the same bytes as static files."""
