"""Pseudonymise registers, and read what salanimi writes, from Python.

Arrays and tables are pyarrow's; pandas, polars, Ray, Dask and Spark read them. Errors are `SalanimiError`.
"""

from salanimi._salanimi import (
    Delivery,
    ExtractJob,
    Extractor,
    ExtractPart,
    ExtractRows,
    LinkedDataset,
    LinkJob,
    Pseudonymiser,
    SalanimiError,
    __version__,
    join_statements,
    link_part,
    link_range,
    verify,
)

__all__ = [
    "Delivery",
    "ExtractJob",
    "ExtractPart",
    "ExtractRows",
    "Extractor",
    "LinkJob",
    "LinkedDataset",
    "Pseudonymiser",
    "SalanimiError",
    "__version__",
    "join_statements",
    "link_part",
    "link_range",
    "verify",
]
