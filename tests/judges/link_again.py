"""Links deliveries once more, in DuckDB, and holds a linked dataset and its accounting against that."""

import duckdb

from differs import Differs


class LinkedAgain:
    """The deliveries of a linked dataset, linked by DuckDB and held against it."""

    UNITS = ["rows", "linked_rows", "persons", "linked_persons"]
    COUNTS = "count(*), count(*) FILTER (enters), count(DISTINCT person), count(DISTINCT person) FILTER (enters)"

    def __init__(self, linked, deliveries):
        self.linked, self.accounting, self.database = linked, linked.accounting, duckdb.connect()
        self.tables = {}
        for name in (table["table"] for table in self.accounting["tables"]):
            parts = [(delivery.manifest, delivery.tables[name].path) for delivery in deliveries if name in delivery.tables]
            if parts:
                self.tables[name] = f"delivered_{len(self.tables)}"
                self.create(self.tables[name], " UNION ALL ".join(
                    f"SELECT pseudonym AS person, {text(given['holder'])} AS \"holder:\", {given['delivery']['number']} AS "
                    f"\"number:\", * FROM read_parquet({text(path)})" for given, path in parts))
        population = [f"SELECT person FROM {self.tables[name]}" for name in self.accounting["population"] if name in self.tables]
        self.create("entering", " UNION ".join(population or ["SELECT ''::BLOB AS person WHERE false"]))
        occurrences = [f"SELECT DISTINCT person, {text(name)} AS tab FROM {table}" for name, table in self.tables.items()]
        self.create("occurrence", " UNION ALL ".join(occurrences))

    def create(self, name, query):
        self.database.execute(f"CREATE TABLE {name} AS {query}")

    def query(self, sql):
        return self.database.sql(sql).fetchall()

    def check(self, by_column):
        for table in self.accounting["tables"]:
            if table["table"] in self.tables:
                self.check_counts(table, by_column.get(table["table"], {}))
        self.check_overlap()
        for pair in self.accounting["contradictions"]:
            self.check_contradictions(pair)
        self.check_content()

    def check_counts(self, said, by_column):
        """Rows and persons, linked and all, of a table and of each of its parts."""
        month = f"strftime(\"{by_column['month']}\", '%Y-%m')" if "month" in by_column else None
        area = f'"{by_column["area"]}"' if "area" in by_column else None
        parts = {"by_holder": '"holder:"', "by_delivery": '"holder:" || \' delivery \' || "number:"',
                 "by_month": month, "by_area": area}
        for part, key in [("all", "''")] + [(part, key) for part, key in parts.items() if key]:
            found = {key: dict(zip(self.UNITS, counts)) for key, *counts in self.query(
                f"SELECT coalesce({key}, '(none)'), {self.COUNTS} FROM (SELECT *, person IN (FROM entering) AS enters "
                f"FROM {self.tables[said['table']]}) GROUP BY ALL")}
            found = found.get("", dict.fromkeys(self.UNITS, 0)) if part == "all" else found
            if found != said[part]:
                raise Differs(f"{self.linked.path}: accounting of {said['table']}: DuckDB counts otherwise: "
                              + difference(part, said[part], found))

    def check_overlap(self):
        persons = self.query("SELECT count(DISTINCT person), count(DISTINCT person) FILTER (person IN (FROM entering)) "
                             "FROM occurrence")
        said = (self.accounting["persons"], self.accounting["linked_persons"])
        self.linked.expect(persons == [said], f"accounting says {said} persons and linked persons, DuckDB counts {persons}")
        said = {}
        for overlap in self.accounting["overlap"]:
            tables = tuple(sorted(overlap["tables"]))
            said[tables] = said.get(tables, 0) + overlap["persons"]
        found = self.query("SELECT tabs, count(*) FROM "
                           "(SELECT list(tab ORDER BY tab) AS tabs FROM occurrence GROUP BY person) GROUP BY tabs")
        self.linked.expect({tuple(tables): persons for tables, persons in found} == said, "overlap: DuckDB counts otherwise")

    def check_contradictions(self, pair):
        sides = []
        for side in "left", "right":
            table, column = pair[side].split(".")
            if table not in self.tables:
                return
            sides.append(f'(SELECT DISTINCT person, "{column}" AS value FROM {self.tables[table]} WHERE "{column}" IS NOT NULL)')
        left, right = sides
        [(both,)] = self.query(f"SELECT count(DISTINCT person) FROM {left} JOIN {right} USING (person)")
        [(agree,)] = self.query(f"SELECT count(DISTINCT person) FROM {left} JOIN {right} USING (person, value)")
        self.linked.expect((agree, both - agree) == (pair["agree"], pair["contradict"]),
                           f"accounting of {pair['left']} and {pair['right']}: DuckDB counts otherwise")

    def check_content(self):
        """Person by person, whoever they are now called: as many rows in each table, with the same unchanged columns."""
        given, ours = [], []
        for name, table in self.tables.items():
            kept = ", ".join(f'"{column}"' for column in self.linked.tables[name].kept)
            content = f"{text(name)} AS tab, {f'hash({kept})' if kept else '0'}::HUGEINT AS content"
            given.append(f"SELECT person, {content} FROM {table} WHERE person IN (FROM entering)")
            ours.append(f"SELECT person, {content} FROM read_parquet({text(self.linked.tables[name].path)})")
        for side, rows in ("given", given), ("ours", ours):
            self.create(side, f"""SELECT list(part ORDER BY part) AS parts FROM (
                SELECT person, {{'tab': tab, 'rows': count(*), 'content': sum(content)}} AS part
                FROM ({" UNION ALL ".join(rows)}) GROUP BY person, tab) GROUP BY person""")
        for one, other in ("given", "ours"), ("ours", "given"):
            [(others,)] = self.query(f"SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other})")
            self.linked.expect(others == 0, f"{others} persons have other rows in the linked tables than in the deliveries")


def text(value):
    """A literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def difference(part, said, found):
    """The first of the counts that differ; parts are holders, months and areas, which are no secret here."""
    if part == "all":
        return f"all is {said}, not {found}"
    keys = sorted(key for key in said.keys() | found.keys() if said.get(key) != found.get(key))
    return f"{len(keys)} of {part}, first {keys[0]}: {said.get(keys[0])}, not {found.get(keys[0])}"
