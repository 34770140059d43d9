"""Reports to claims: one module a slot."""
