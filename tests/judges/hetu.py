"""Compares our verdicts on identity codes with python-stdnum's.

Reads lines "code<TAB>verdict" from standard input, verdict being `valid` or `invalid`, and prints how many agree. Lines on
which the two differ are named by their index, from 0, never by the code.

python-stdnum 2.2 knows all thirteen signs and takes `+` for the 1800s. It refuses the numbers 900-999 unless told to allow
temporary codes. It trims and turns lower case into upper as we do, so no line needs other treatment.
"""

import sys

from stdnum.fi import hetu

VERDICTS = {"valid": True, "invalid": False}
MAX_NAMED = 20


def main():
    compared, valid, temporary, differ = 0, 0, 0, []
    for index, line in enumerate(sys.stdin):
        code, verdict = line.rstrip("\n").split("\t")
        theirs = hetu.is_valid(code, allow_temporary=True)
        compared += 1
        valid += theirs
        # What is valid only if temporary codes are allowed must be one.
        temporary += theirs and not hetu.is_valid(code)
        if theirs != VERDICTS[verdict]:
            differ.append(index)
    if differ:
        named = ", ".join(map(str, differ[:MAX_NAMED]))
        print(f"{len(differ)} of {compared} codes differ, at index {named}{', …' if len(differ) > MAX_NAMED else ''}")
        return 1
    print(f"ok: {compared} codes compared, {valid} valid, {temporary} of them temporary")
    return 0


if __name__ == "__main__":
    sys.exit(main())
