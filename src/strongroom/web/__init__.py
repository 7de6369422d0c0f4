"""The face for people: pages and forms. A view calls one verb and turns its result, or its refusal, into a page."""
