"""Hub profiles: what a hub's interface looks like, as data. Models, compiler, loader, and the runner of examples."""
