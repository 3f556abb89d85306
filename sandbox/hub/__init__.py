"""SIMULATION of a national complaint hub, an HTTP server with its own database.

The real wire format of SP4N-LAPOR! is not public. The form fields and the words of the states follow what its
public pages show; the paths, the JSON, the errors and the look-ups are our assumption and say nothing about the real
interface.
"""
