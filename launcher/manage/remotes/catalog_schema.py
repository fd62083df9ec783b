"""The JSON Schema of catalogs, read from the file that is installed with applaunch."""

from launcher.errors import HostError
from launcher.host import files
from launcher.host.locations import package_file

FILE = "catalog.schema.json"


def schema_text() -> str:
    """Return the schema; raises `HostError` if the installation lacks it."""
    found = files.read(path := package_file(FILE))
    if found is None:
        raise HostError(path, "is missing", "install applaunch again")
    return found
