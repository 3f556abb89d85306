"""Files that a message only names, by an address or an id: fetched after acceptance, by a queue of their own."""
