"""Define the commands, one file each: they consume an experiment's events, print, save, show progress."""
