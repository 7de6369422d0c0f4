"""Publishing: from a form and bytes to a file that everybody can install, or to a refusal that leaves nothing."""
