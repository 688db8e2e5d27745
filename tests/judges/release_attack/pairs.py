"""Attacks (d) and (f): two releases whose datasets differ by one person, and releases of the same data."""

from .published import ALL, counts, labels_of


def amount(cell: str) -> int:
    """The number in a released cell; an empty sum stands for 0."""
    return int(cell) if cell else 0


def same_shape(one, other) -> list[str]:
    """Items whose columns, labels or numbers of rows tell the two apart."""
    left, right = one.shape(), other.shape()
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def read_off(one, other, person: dict) -> tuple[int, int]:
    """Attributes of the person who joined that the two releases give away.

    A claim is made where along one dimension exactly one label's number changed. Returns claims made and right.
    """
    made = right = 0
    for name, (header, rows) in one.sheets.items():
        size = labels_of(header)
        if name not in other.sheets or "persons" not in header or size != header.index("persons"):
            continue
        before, after = ({tuple(row[:size]): row[size] for row in some} for some in (rows, other.sheets[name][1]))
        for at in range(size):
            alone = [
                cell
                for cell in before
                if cell[at] != ALL and all(label == ALL for n, label in enumerate(cell) if n != at)
            ]
            changed = [cell[at] for cell in alone if before[cell] != after.get(cell)]
            column = header[at].removeprefix("person_")
            if column in person and len(alone) > 1:
                made += len(changed) == 1
                right += changed == [person[column]]
    return made, right


def unlike_answers(contract, releases) -> int:
    """Questions that were answered more than once within one dataset, and not alike: roundings that can be averaged."""
    found: dict = {}
    for count, _, _ in (one for release in releases for one in counts(contract, release)):
        found.setdefault(count.who, set()).add(count.shown)
    return sum(len(shown) > 1 for shown in found.values())


def largest_change(one, other, unit: str) -> dict[str, tuple[int, int]]:
    """For each item with a column of rows: the largest change of a number, and the step of its numbers."""
    found = {}
    for name, (header, rows) in one.sheets.items():
        if unit in header:
            at = header.index(unit)
            changes = [abs(amount(left[at]) - amount(right[at])) for left, right in zip(rows, other.sheets[name][1])]
            found[name] = max(changes)
    return found


def people_at_the_cap(release, name: str, cap: int, step: int) -> list[int]:
    """Numbers of persons that a sum gives away, if everyone in it has the cap: those that only one number fits."""
    header, rows = release.sheets[name]
    found = []
    for row in rows:
        low, high = ((amount(row[-1]) + sign * step) / cap for sign in (-1, 1))
        fitting = [number for number in range(max(int(low), 0), int(high) + 2) if low < number < high]
        if amount(row[-1]) > 0 and len(fitting) == 1:
            found += fitting
    return found
