"""The commands, one file each. Each is a consumer of the events of an experiment: it prints, saves, shows progress."""
