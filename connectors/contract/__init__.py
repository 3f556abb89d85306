"""What every transport has to keep, as tests that its author imports and runs; needs pytest and pytest-asyncio too."""
