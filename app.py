"""Start RNN Lab: `python app.py`, then open the address it prints."""

import os
import signal
from argparse import ArgumentParser

if __name__ == "__main__":  # the imports take seconds, and until they are done there is nothing to end in order
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))

from rnnlab.ui.serve import FLAGS, launch


def main() -> None:
    parser = ArgumentParser(description="Start RNN Lab in the browser.")
    for flag, help in FLAGS.items():
        parser.add_argument(f"--{flag}", help=help)
    try:
        launch(vars(parser.parse_args()))
    except (ValueError, OSError) as error:  # a flag or variable that is refused, or a port that is taken
        parser.exit(2, f"app.py: {error}\n")


if __name__ == "__main__":
    main()
