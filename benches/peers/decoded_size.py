"""Print the megabytes of the columns of Parquet files in memory, decoded: texts written out, not as dictionaries."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq


def plain(column):
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    return column


def main():
    size = 0
    for path in sys.argv[1:]:
        file = pq.ParquetFile(path)
        for batch in file.iter_batches():
            size += sum(plain(column).nbytes for column in batch.columns)
    print(round(size / 1e6))


if __name__ == "__main__":
    main()
