"""Start RNN Lab: `python app.py`, then open the address it prints."""

from argparse import ArgumentParser

from rnnlab.ui.app import launch


def main() -> None:
    parser = ArgumentParser(description="Start RNN Lab in the browser.")
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME, else 127.0.0.1: this machine only)")
    parser.add_argument(
        "--port", type=int, help="port to listen on (GRADIO_SERVER_PORT, else the first free from 7860)"
    )
    options = parser.parse_args()
    try:
        launch(options.host, options.port)
    except (OSError, OverflowError) as error:  # the port is taken, or none
        parser.exit(2, f"app.py: {error}\n")


if __name__ == "__main__":
    main()
