"""Attack (c): exact numbers behind a curve, from its survival, and groups as the rest of all."""

from .published import ALL

AT_MOST = 0.0051


def steps(release):
    """Each curve's steps by group: time → (n, events, censored, survival)."""
    for name, (header, rows) in release.sheets.items():
        if "survival" in header:
            wide, found = header.index("time"), {}
            for row in rows:
                numbers = [int(value) for value in row[wide + 1 : wide + 4]]
                found.setdefault(tuple(row[:wide]), {})[int(row[wide])] = (*numbers, row[wide + 4])
            yield name, found


def inverted(release) -> list[str]:
    """Curves whose survival is not what the published n and events give: there, exact numbers come back."""
    return [
        f"{name} {group}" for name, groups in steps(release) for group, found in groups.items() if not follows(found)
    ]


def follows(found: dict) -> bool:
    survival, good = 1.0, True
    for time in sorted(found):
        at_risk, events, _, shown = found[time]
        survival *= 1 - events / at_risk if at_risk else 1.0
        good &= abs(float(shown) - survival) <= AT_MOST and len(shown.partition(".")[2]) <= 2
    return good


def off_grid(release, base: int) -> list[str]:
    """Numbers of curves, and rests of all less the published groups, that are no multiples of the base."""
    wrong = []
    for name, groups in steps(release):
        for time, whole in next((found for group, found in groups.items() if set(group) == {ALL}), {}).items():
            parts = [found[time] for group, found in groups.items() if set(group) != {ALL} and time in found]
            rests = [whole[at] - sum(part[at] for part in parts) for at in range(3)]
            if any(number % base for number in (*rests, *whole[:3])):
                wrong.append(f"{name} at {time}")
    return wrong


def hidden_groups(release, truth: int, base: int) -> tuple[int, int]:
    """How often a small group is read off as one curve of all less another's larger group; attempts and hits."""
    found = dict(steps(release))
    tried = hits = 0
    for one in found.values():
        for other in found.values():
            whole, large = one.get((ALL,)), other.get(("false",))
            if whole and large:
                tried += 1
                rest = whole[min(whole)][0] - large[min(large)][0]
                hits += rest == truth and base > 1
    return tried, hits
