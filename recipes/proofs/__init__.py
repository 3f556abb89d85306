"""How providers prove that a request is theirs: one module for each family of schemes; see `recipes.signatures`."""
