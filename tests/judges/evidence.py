"""Joins the tokens of two deliveries once more, in DuckDB, and holds the links by evidence against that.

Tries first what the structure of a single delivery tells: colour refinement of the graph of its persons and tokens.

usage: evidence.py OFFICE TOWN LINKED

Both deliveries have a table with the column `number`, which is a different one for each person. The contract admits every
class, so each pair that is strong enough links unless a stronger one or a tie takes its record or its person.
Weights of agreements are those of docs/linkage.md. Prints counts only.
"""

import sys
from collections import Counter, defaultdict
from pathlib import Path

import duckdb

from differs import Differs, expect

# Rules in their order, with the slots of each.
SLOTS = [4, 4, 4, 2, 3, 3, 1, 4, 4, 4, 4, 4, 4, 4, 4, 4]
# Rules that show each level of agreement, from the best to the least, and its weight.
NAME = [({8, 9, 10, 11, 12, 13}, 20), ({1, 2, 3, 14, 15, 16}, 15), ({5, 6}, 6), ({4}, 10)]
DATE = [({1, 2, 3, 4, 5, 6, 7}, 15), ({8, 9, 10, 11, 14, 15, 16}, 9), ({12}, 4)]
PLACE = [({7, 13}, 13), ({5, 14, 15, 16}, 4)]
MORE = [({12}, 6), ({6}, 3)]
LEAST = 22


def weight(rules):
    levels = (next((found for shown, found in levels if shown & rules), 0) for levels in (NAME, DATE, PLACE, MORE))
    return sum(levels)


def tokens(path):
    """A query of the tokens of a delivery: person, stratum, rule, token."""
    rows = [f"SELECT pseudonym, stratum, {rule} AS rule, r{rule:02}_{slot} AS token FROM read_parquet('{path}')"
            for rule, slots in enumerate(SLOTS, 1) for slot in range(1, slots + 1)]
    return " UNION ALL ".join(rows)


def links(pairs):
    """The pairs that link, from the strongest to the weakest. Ties take both and link nobody."""
    taken_records, taken_persons, found = set(), set(), set()
    for level in sorted(set(pairs.values()), reverse=True):
        free = [pair for pair, weight in pairs.items()
                if weight == level and pair[0] not in taken_records and pair[1] not in taken_persons]
        records, persons = Counter(record for record, _ in free), Counter(person for _, person in free)
        found |= {pair for pair in free if records[pair[0]] == 1 and persons[pair[1]] == 1}
        taken_records |= records.keys()
        taken_persons |= persons.keys()
    return found


def colours(edges):
    """The stable colours of persons, from the edges (person, stratum, rule, token), and the stratum of each person."""
    of_person = {person: stratum for person, stratum, _, _ in edges}
    strata = dict(of_person)
    of_token = {(rule, token): rule for _, _, rule, token in edges}
    tokens, persons = defaultdict(list), defaultdict(list)
    for person, _, rule, token in edges:
        tokens[person].append((rule, token))
        persons[rule, token].append(person)
    while True:
        next_token = numbered({token: (of_token[token], *sorted(of_person[person] for person in met))
                               for token, met in persons.items()})
        next_person = numbered({person: (of_person[person], *sorted(next_token[token] for token in has))
                                for person, has in tokens.items()})
        if len(set(next_person.values())) == len(set(of_person.values())):
            return next_person, strata
        of_person, of_token = next_person, next_token


def numbered(colours):
    numbers = {colour: number for number, colour in enumerate(sorted(set(colours.values()), key=repr))}
    return {node: numbers[colour] for node, colour in colours.items()}


def main(office, town, linked):
    database = duckdb.connect()
    for name, folder in (("office", office), ("town", town)):
        database.execute(f"CREATE TABLE {name} AS {tokens(folder / 'linkage.parquet')}")
        [(most,)] = database.sql(f"SELECT max(n) FROM (SELECT count(*) AS n FROM {name} GROUP BY rule, token)").fetchall()
        expect(most == 1, f"{name}: a token stands twice")
        found, strata = colours(database.sql(f"FROM {name}").fetchall())
        expect(len(set(found.values())) == len(set(strata.values())), f"{name}: its structure tells persons apart")
    met = database.sql("""
        SELECT t.pseudonym, o.pseudonym, list(DISTINCT t.rule) FROM town t JOIN office o USING (rule, token)
        WHERE t.stratum IN ('none', 'temp') AND o.stratum = 'code' GROUP BY ALL""").fetchall()
    weights = {(record, person): weight(set(rules)) for record, person, rules in met}
    expected = links({pair: weight for pair, weight in weights.items() if weight >= LEAST})
    # The number tells which delivered pseudonym a row of the linked dataset had.
    said = database.sql(f"""
        SELECT DISTINCT d.pseudonym, e.pseudonym FROM read_parquet('{linked / "visits.parquet"}') v
        JOIN read_parquet('{linked / "benefits.parquet"}') b USING (person)
        JOIN read_parquet('{town / "visits.parquet"}') d ON d.number = v.number
        JOIN read_parquet('{office / "benefits.parquet"}') e ON e.number = b.number
        WHERE v.by_evidence""").fetchall()
    expect(set(said) == expected, f"{len(set(said) - expected)} links are not DuckDB's, {len(expected - set(said))} lack")
    print(f"ok {len(expected)} links of {len(weights)} pairs that meet, as DuckDB joins them")


try:
    main(*map(Path, sys.argv[1:]))
except Differs as differs:
    sys.exit(f"differs: {differs}")
