"""What others see: the unified feed of all complaints, and each complaint by its id.

The portal reads the topic `complaints` into tables of its own and answers from those alone. It shows what may be shown:
identities are masked already, sealed parts never leave the log, and a *rahasia* complaint is a bare stub.
"""
