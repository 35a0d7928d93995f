"""Parts that several tabs share: the form of settings, panels, titles of runs, event options."""
