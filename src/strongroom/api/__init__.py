"""What publishing tools talk to: the upload endpoint and the JSON API. It decides nothing; it translates HTTP."""
