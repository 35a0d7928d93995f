"""Parts that several tabs are built from: the form of settings, panels, titles of runs, options of events."""
