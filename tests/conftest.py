"""For all tests: the services that some of them need."""

pytest_plugins = ["tools.services.fixtures"]
