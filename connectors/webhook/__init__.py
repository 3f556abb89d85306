"""Messages that a provider or an agency's system posts to us over HTTP."""
