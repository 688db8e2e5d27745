"""Pseudonymise registers, and read what salanimi writes, from Python.

Arrays and tables are pyarrow's; pandas, polars, Ray, Dask and Spark read them. Errors are `SalanimiError`.
"""

from salanimi._salanimi import (
    Delivery,
    Extractor,
    LinkedDataset,
    Pseudonymiser,
    SalanimiError,
    __version__,
    verify,
)

__all__ = ["Delivery", "Extractor", "LinkedDataset", "Pseudonymiser", "SalanimiError", "__version__", "verify"]
