"""mill: small in-house tool that reads tables, checks them, turns them and writes them."""

from .errors import ExprError, JobError, MillError, ReadError, SchemaError, StepError
from .table import Table
from .expr import compile_expr, evaluate
from .readers import read_source
from .schema import compile_schema, check_table
from .transforms import TRANSFORMS, apply_step
from .writers import write_table
from .job import load_job
from .engine import Runner, run_job

__version__ = "2.7.1"

__all__ = [
    "ExprError", "JobError", "MillError", "ReadError", "SchemaError", "StepError",
    "Table", "compile_expr", "evaluate", "read_source", "compile_schema", "check_table",
    "TRANSFORMS", "apply_step", "write_table", "load_job", "Runner", "run_job",
]
