"""Projects, their releases and files, who may change them, and the journal of every change that the index shows."""
