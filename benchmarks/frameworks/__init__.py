"""What people would write: the same road from messages to complaints with frameworks, exact repeats dropped only.

Applications of FastStream and Quix Streams in the shape that their own documentation teaches, message by message and in
batches. They read the provider's own bodies, in the clear: no sealing, no understanding, no comparing, no ledger. They
run in an environment of their own (`requirements.txt`), since their dependencies and Muara's do not fit together.
"""
