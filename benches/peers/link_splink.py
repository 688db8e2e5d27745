#!/usr/bin/env python3
"""Links two registers in plain text with Splink and compares the links with the truth: link_splink.py SOURCES

SOURCES has office.csv and town.csv of make_people.py. Nobody's code is used. Comparisons and training are those of Splink's
own documentation; each person is in at most one link, the most probable first.
"""
import sys
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

sources = Path(sys.argv[1])


def register(name):
    words = "string_split_regex(lower(strip_accents(given)), '[^a-z]+')"
    return duckdb.sql(f"""
        select pid as unique_id, nullif({words}[1], '') as given, nullif({words}[2], '') as second,
        nullif(lower(strip_accents(surname)), '') as surname, nullif(birth, '') as birth, nullif(sex, '') as sex,
        nullif(postcode, '') as postcode, nullif(lower(street), '') as street
        from read_csv('{sources}/{name}.csv', delim=';', header=true, all_varchar=true)""").df()


office, town = register("office"), register("town")
rules = [block_on("birth"), block_on("given", "surname"), block_on("surname", "substr(birth, 1, 4)"),
         block_on("given", "substr(birth, 1, 7)"), block_on("street", "given"), block_on("surname", "substr(birth, 6, 5)")]
settings = SettingsCreator(
    link_type="link_only", blocking_rules_to_generate_predictions=rules, retain_intermediate_calculation_columns=False,
    comparisons=[
        cl.NameComparison("given").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.ExactMatch("second"),
        cl.DateOfBirthComparison("birth", input_is_string=True),
        cl.ExactMatch("postcode"),
        cl.JaroWinklerAtThresholds("street", [0.9]),
        cl.ExactMatch("sex"),
    ])
database = DuckDBAPI()
tables = [database.register(table, dataset_display_name=name) for table, name in ((office, "office"), (town, "town"))]
linker = Linker(tables, settings, log_level="ERROR")
linker.training.estimate_probability_two_random_records_match([block_on("given", "surname", "birth")], recall=0.6)
linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
for rule in (block_on("birth"), block_on("given", "surname")):
    linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
pairs = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
pairs = pairs.sort_values("match_probability", ascending=False, kind="stable")
findable = len(set(office["unique_id"]) & set(town["unique_id"]))
for least in (0.5, 0.9, 0.99):
    taken, links, right, stated = set(), 0, 0, 0.0
    for left, other, probability in zip(pairs["unique_id_l"], pairs["unique_id_r"], pairs["match_probability"]):
        if probability < least or ("l", left) in taken or ("r", other) in taken:
            continue
        taken |= {("l", left), ("r", other)}
        links, right, stated = links + 1, right + (left == other), stated + probability
    precision, recall = right / links, right / findable
    print(f"from {least}: {links} links, precision {precision:.4f}, stated {stated / links:.4f}, recall {recall:.4f}, "
          f"F1 {2 * precision * recall / (precision + recall):.4f}")
