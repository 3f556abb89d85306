"""For all tests: the services and the stores that some of them need."""

pytest_plugins = ["tools.services.fixtures", "tests.stores"]
