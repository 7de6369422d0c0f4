"""Trusted publishing: an identity token of an OpenID provider in, a short-lived API token out."""
