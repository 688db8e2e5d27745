"""Whether a report of a verification is as the published schema says.

    python report.py SCHEMA REPORT...
"""

import json
import sys

from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1], encoding="utf-8"))
Draft202012Validator.check_schema(schema)
for path in sys.argv[2:]:
    errors = [error.json_path for error in Draft202012Validator(schema).iter_errors(json.load(open(path, encoding="utf-8")))]
    if errors:
        sys.exit(f"{len(errors)} errors, the first at {errors[0]}")
    print("ok")
