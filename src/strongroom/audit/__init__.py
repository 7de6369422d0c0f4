"""The audit trail: typed, append-only events (``event``), written in the transaction of their effect (``trail``)."""
