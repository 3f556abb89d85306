"""The channels' side: transports that receive messages and accept them durably, and the channels' recipes (data)."""
