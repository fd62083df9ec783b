"""The other engines: each started only when asked for, privately, and gone without a trace afterwards (see README.md)."""

from tests.rig.engines.columns import COLUMNS, prepare, started
from tests.rig.engines.limits import left_out, why_not

__all__ = ["COLUMNS", "left_out", "prepare", "started", "why_not"]
