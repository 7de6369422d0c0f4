"""Pages of the documentation that are written from the code, so that neither can drift from the other."""
