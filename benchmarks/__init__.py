"""How fast the parts are: `make bench`. Each number stands beside what the same disk does with bare inserts."""
