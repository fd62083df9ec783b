"""The commands of `applaunch`, in the order its help lists them."""

from collections.abc import Callable
from typing import Annotated

import typer

from launcher import __version__
from launcher.cli import apps, catalog, complete, config, images, machine, past, running, warm
from launcher.cli.door import Group

app = typer.Typer(
    name="applaunch",
    cls=Group,
    help="Command names for container images: type a program's name, and its container runs as if it were native.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"applaunch {__version__}")
        raise typer.Exit


@app.callback()
def _applaunch(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Command names for container images: type a program's name, and its container runs as if it were native."""


_PLAIN: tuple[Callable[..., None], ...] = (
    *(apps.add, apps.remove, apps.list_, apps.search, apps.info, apps.which, apps.edit),
    *(images.pull, images.gc, past.runs, machine.doctor, machine.ensurepath, complete.completion),
)
for command in _PLAIN:
    app.command(command.__name__.strip("_"))(command)
for command in (running.run, running.shell):
    app.command(command.__name__, context_settings={"allow_interspersed_args": False})(command)
_GROUPS = {
    "warm": warm.warm,
    "history": past.history,
    "catalog": catalog.catalog,
    "config": config.config,
    "engine": machine.engine,
}
for name, group in _GROUPS.items():
    app.add_typer(group, name=name)
