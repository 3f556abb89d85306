"""The contract that all rooms share: messages, complaints, events, topics. Models only, no I/O."""
