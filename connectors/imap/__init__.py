"""Mails that lie in a mailbox on somebody's server: read by IMAP, changed only where a source says so."""
