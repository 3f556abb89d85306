"""The commands, one module each for those that belong together; `index` says where each stands."""
