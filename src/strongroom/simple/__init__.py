"""The Simple API as values and bytes: pages, their two renderings, and which of them a client gets. No HTTP, no rows."""
