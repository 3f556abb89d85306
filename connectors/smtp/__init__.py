"""Mails that come by SMTP."""
