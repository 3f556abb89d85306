"""Reading e-mail: from the raw bytes of any message, hostile ones included, to one plain document and a clean text.

`message.read_message` gives channel recipes a JSON-like document to read with dotted paths; `quotes.strip_quotes` and
`signatures.strip_signature` are text functions that recipes call; `automatic.automatic_reason` names what no person
wrote. Nothing here performs I/O, and nothing raises anything but `limits.MailError`.
"""
