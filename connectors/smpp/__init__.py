"""Short messages that an SMS centre (SMSC) or aggregator hands over by SMPP 3.4, to which we log in."""
