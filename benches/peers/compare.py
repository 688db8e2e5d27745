"""Run two commands in turn, several times, and print their wall time, CPU time and peak memory as a Markdown table.

CPU time is user plus system, and peak memory the largest process, with the commands' own child processes counted.
The ratio is that of the two runs of one pair: second command over first.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

MEASURES = ["wall s", "CPU s", "peak MiB"]


def run(command):
    start = time.monotonic()
    process = subprocess.Popen(command, shell=True, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"exit code {process.returncode}: {command}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def summary(values):
    return " / ".join(f"{value:.2f}" for value in (min(values), statistics.median(values), max(values)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", help="command line, run by the shell")
    parser.add_argument("second", help="command line, run by the shell")
    parser.add_argument("-n", "--pairs", type=int, default=3)
    parser.add_argument("--names", nargs=2, default=["first", "second"])
    arguments = parser.parse_args()

    pairs = [(run(arguments.first), run(arguments.second)) for _ in range(arguments.pairs)]

    print(f"min / median / max of {arguments.pairs} pairs\n")
    print(f"| | {arguments.names[0]} | {arguments.names[1]} | ratio pair by pair |")
    print("|---|---|---|---|")
    for measure, name in enumerate(MEASURES):
        first, second = ([pair[command][measure] for pair in pairs] for command in (0, 1))
        ratios = [b / a for a, b in zip(first, second)]
        print(f"| {name} | {summary(first)} | {summary(second)} | {summary(ratios)} |")


if __name__ == "__main__":
    main()
