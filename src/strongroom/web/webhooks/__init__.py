"""The pages of webhooks: one implementation for those of an account, of a project and of the whole site."""
