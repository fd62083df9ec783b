"""The commands catalog lint, sign, verify, publish, forget and schema."""

import sys
from typing import Annotated

import typer

from launcher.cli import output
from launcher.cli.group import group
from launcher.cli.options import Json, own_names
from launcher.core.values.duration import parse_duration
from launcher.errors import UsageError
from launcher.manage.context import Context

catalog = group("Check, sign and publish catalog files.")

File = Annotated[str, typer.Argument(metavar="FILE", help="A catalog or a list of keys (keys.toml).")]


@catalog.callback()
def _catalog() -> None:
    """Check, sign and publish catalog files."""


@catalog.command()
def lint(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A catalog.")],
    published: Annotated[
        bool, typer.Option("--published", help="Also check the rules for published catalogs.")
    ] = False,
    json: Json = False,
) -> None:
    """Check a catalog for errors (exit code 1), and give advice."""
    from launcher.manage.remotes.lint import lint_catalog  # noqa: PLC0415  only for this command

    advice = lint_catalog(file, published=published)
    if json:
        output.print_json({"file": file, "advice": advice})
        return
    for words in advice:
        output.print_line(("advice: ", "yellow"), words)
    if not advice:
        output.print_line(f"{file}: no problems found")


@catalog.command()
def sign(
    file: File,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="FILE", help="A private key, or a public key of the agent.")
    ] = None,
    json: Json = False,
) -> None:
    """Sign a catalog or a list of keys with SSH keys; write FILE.sig."""
    from launcher.manage.remotes.sign import sign_file  # noqa: PLC0415  as above

    done = sign_file(Context.open(), file, key or ())
    if json:
        output.print_json(done)
    else:
        output.print_line(("signed: ", "bold"), f"{done.signature}  serial {done.serial}, by {', '.join(done.keys)}")


@catalog.command()
def verify(
    file: File,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="KEY", help="A trusted key: a file, or 'ssh-ed25519 ...'.")
    ] = None,
    signature: Annotated[str, typer.Option(metavar="FILE", help="The signature (default: FILE.sig).")] = "",
    json: Json = False,
) -> None:
    """Verify a signature, as everyone who fetches FILE will."""
    from launcher.manage.remotes.sign import verify_file  # noqa: PLC0415  as above

    done = verify_file(Context.open(), file, key or (), signature)
    if json:
        output.print_json(done)
    else:
        output.print_line(("good: ", "bold"), f"{file}  serial {done.serial}, signed by {', '.join(done.keys)}")


@catalog.command()
def publish(  # noqa: PLR0913, PLR0917  one parameter for each option
    target: Annotated[str, typer.Argument(metavar="DIR|oci://...", help="A folder of a web server, or a registry.")],
    file: Annotated[str, typer.Option("--catalog", metavar="FILE", help="The catalog to publish.")] = "catalog.toml",
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="FILE", help="The key to sign with; repeatable.")
    ] = None,
    no_sign: Annotated[bool, typer.Option("--no-sign", help="Publish without a signature.")] = False,
    serial: Annotated[
        int, typer.Option(metavar="N", show_default=False, help="The serial (default: the published one plus 1).")
    ] = 0,
    expires: Annotated[str, typer.Option(metavar="TIME", help="How long it is valid: 90d.")] = "",
    no_resolve: Annotated[bool, typer.Option("--no-resolve", help="Do not resolve tags to digests.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    json: Json = False,
) -> None:
    """Publish a catalog: check it, resolve images to digests, increase the serial, and sign it."""
    from launcher.manage.remotes.publish import PublishOptions, publish_catalog  # noqa: PLC0415  as above

    if bool(key) == no_sign:
        raise UsageError("", "give either a key or --no-sign", "--key ~/.ssh/id_ed25519")
    wanted = PublishOptions(
        target, file, tuple(key or ()), serial, _seconds(expires), resolve=not no_resolve, dry_run=dry_run
    )
    done = publish_catalog(Context.open(), wanted)
    if json:
        output.print_json(done)
        return
    for words in done.advice:
        output.print_line(("advice: ", "yellow"), words)
    for before, after in done.resolved.items():
        output.print_line(("digest: ", "dim"), f"{before} -> {output.short_digest(after)}")
    if not done.files:
        output.print_line(f"{done.target}: unchanged, serial {done.serial}")
    else:
        word = "would publish" if dry_run else "published"
        output.print_line(
            (f"{word}: ", "bold"),
            f"{done.target}  serial {done.serial}, {output.count(done.apps, 'app')}: {', '.join(done.files)}",
        )


@catalog.command()
def forget(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", autocompletion=own_names, help="Apps of your catalog.toml.")
    ],
    json: Json = False,
) -> None:
    """Remove entries from your own catalog and print them."""
    from launcher.manage.apps import forget  # noqa: PLC0415  as above

    gone = forget.forget(Context.open(), names)
    if json:
        output.print_json(gone)
        return
    for each in gone:
        output.print_line(("removed: ", "bold"), f"[apps.{each.app}] from {each.file}")
        for row in each.toml.rstrip("\n").split("\n"):
            output.print_line((f"  {row}", "dim"))


@catalog.command()
def schema() -> None:
    """Print the JSON Schema of catalogs, for TOML completion in editors."""
    from launcher.manage.remotes.catalog_schema import schema_text  # noqa: PLC0415  as above

    sys.stdout.write(schema_text())


def _seconds(text: str) -> float:
    try:
        return parse_duration(text) if text else 0.0
    except ValueError as error:
        raise UsageError("--expires", *str(error).split("; ", 1)) from None
