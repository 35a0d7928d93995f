"""`crowd.py` is a program: it finds its parts beside itself, which here they are not."""

collect_ignore = ["crowd.py", "open_files.py"]
