"""Parts that several tabs are built from: a form for settings, panels, and the options of their events."""
