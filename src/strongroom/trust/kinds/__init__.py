"""How the identity tokens of each sort of provider are read: which claims must say what, and which are kept."""
