"""Pseudonymise registers, and read what salanimi writes, from Python.

Arrays and tables are pyarrow's; pandas, polars, Ray, Dask and Spark read them. Errors are `SalanimiError`.
"""

from salanimi._salanimi import (
    Delivery,
    ExtractJob,
    Extractor,
    ExtractRows,
    HostError,
    LinkedDataset,
    LinkJob,
    Pseudonymiser,
    SalanimiError,
    __version__,
    extract_part,
    link_part,
    link_range,
    verify,
)

__all__ = [
    "Delivery",
    "ExtractJob",
    "ExtractRows",
    "Extractor",
    "HostError",
    "LinkJob",
    "LinkedDataset",
    "Pseudonymiser",
    "SalanimiError",
    "__version__",
    "extract_part",
    "link_part",
    "link_range",
    "verify",
]
