"""From records of the log to rows: every record is accounted for, in the transaction that moves the position."""
