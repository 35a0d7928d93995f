"""`crowd.py` and `open_files.py` are programs: they import modules beside them, which pytest does not find."""

collect_ignore = ["crowd.py", "open_files.py"]
