"""Run the command line: `rnnlab` or `python -m rnnlab`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import typer

from rnnlab.commands.acrostic import acrostic_command
from rnnlab.commands.adding import adding_command
from rnnlab.commands.app import app_command
from rnnlab.commands.bench import bench_command
from rnnlab.commands.copied import copied_command
from rnnlab.commands.evaluate import evaluate_command
from rnnlab.commands.exercise import exercise_command
from rnnlab.commands.export import export_command
from rnnlab.commands.followers import followers_command
from rnnlab.commands.generate import generate_command
from rnnlab.commands.hello import hello_command
from rnnlab.commands.inspect import inspect_command
from rnnlab.commands.language import choose_language, help_of, message_of_system, message_of_typer, refusal, say
from rnnlab.commands.layers import layers_command
from rnnlab.commands.lesson import lesson_command
from rnnlab.commands.link import link_command
from rnnlab.commands.localized import LocalizedTyper
from rnnlab.commands.look import look_command
from rnnlab.commands.next import next_command
from rnnlab.commands.phase import phase_command
from rnnlab.commands.race import race_command
from rnnlab.commands.reproduce import reproduce_command
from rnnlab.commands.sine import sine_command
from rnnlab.commands.surgery import surgery_command
from rnnlab.commands.surprise import surprise_command
from rnnlab.commands.tag import tag_command
from rnnlab.commands.temperatures import temperatures_command
from rnnlab.commands.text import text_command
from rnnlab.commands.train import train_command
from rnnlab.commands.tutorials import tutorials_command
from rnnlab.commands.who import who_command
from rnnlab.experiments.registry import LESSONS
from rnnlab.validation import InvalidInput

# Commands of lessons that print more than a line per event; the others get theirs from `rnnlab.commands.lesson`.
LESSON_COMMANDS = {
    "race": race_command,
    "hello": hello_command,
    "sine": sine_command,
    "adding": adding_command,
    "tag": tag_command,
}


def command_line() -> typer.Typer:
    """Return the program with all its commands; the lessons are those of `rnnlab.experiments.registry`."""
    cli = LocalizedTyper(help_of("command.rnnlab", "A laboratory for recurrent networks."))
    cli.command("app")(app_command)
    cli.command("train")(train_command)
    cli.command("generate")(generate_command)
    cli.command("temperatures")(temperatures_command)
    cli.command("next")(next_command)
    cli.command("acrostic")(acrostic_command)
    cli.command("who")(who_command)
    cli.command("followers")(followers_command)
    cli.command("copied")(copied_command)
    cli.command("look")(look_command)
    cli.command("surprise")(surprise_command)
    cli.command("inspect")(inspect_command)
    cli.command("surgery")(surgery_command)
    cli.command("evaluate")(evaluate_command)
    cli.command("export")(export_command)
    for lesson in LESSONS:
        cli.command(lesson.name)(LESSON_COMMANDS.get(lesson.name) or lesson_command(lesson))
    cli.command("phase")(phase_command)
    cli.command("layers")(layers_command)
    cli.command("text")(text_command)
    cli.command("bench")(bench_command)
    cli.command("reproduce")(reproduce_command)
    cli.command("tutorials")(tutorials_command)
    cli.command("link", passes_flags=True)(link_command)
    cli.command("exercise")(exercise_command)
    return cli


def main() -> None:
    """Run the command line. An error of the user is one line on standard error and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A character that the terminal lacks must not end a run. Pipes and files get UTF-8 in every locale.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        arguments = choose_language(sys.argv[1:], os.environ)
        status = command_line()(args=arguments, standalone_mode=False)
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # the reader of our output has ended, so nothing can be printed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except InvalidInput as error:
        status = _refuse(refusal(error))
    except OSError as error:
        status = _refuse(message_of_system(error))
    except Exception as error:
        # torch has no class for a lack of memory on the CPU.
        if isinstance(error, MemoryError | RuntimeError) and "memory" in str(error).lower():
            status = _refuse(say("no_memory"))
        elif hasattr(error, "format_message"):  # an error of Typer for a wrong flag or argument
            status = _refuse(message_of_typer(error.format_message()))
        else:
            raise
    sys.exit(status)


def _refuse(message: str) -> int:
    """Print the message in one line on standard error; return the exit status."""
    if line := " ".join(message.split()):  # empty after Typer has shown the help instead
        print(f"rnnlab: {line}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
