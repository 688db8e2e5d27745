"""Write a synthetic municipal source of social work events, for the link benchmark.

The other source is that of the extract benchmark: about half of the persons are taken from it.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from make_extract_input import CODES, person_codes

FIRST_DATE = np.datetime64("2017-01-01")
DAYS = 1095

ORGANISERS = ["005", "020", "049", "091", "092", "106", "109", "153", "167", "179", "257", "297"]
EVENT_TYPES = ["ASIAKKUUS_ALKU", "ASIAKKUUS_LOPPU", "VIREILLETULO", "YHTEYDENOTTO", "PT_ARVIO_ALKU", "PT_ARVIO_VALMIS",
               "SUUNNITELMA", "PAATOS", "TAYD_TUKI", "EHK_TUKI"]
INITIATORS = ["asiakas", "Kela", "viranomainen", "läheinen", "muu"]
SERVICE_TASKS = ["työikäisten palvelut", "lapsiperheiden palvelut", "päihdehuolto"]
SERVICES = ["sosiaalityö", "sosiaaliohjaus", "sosiaalinen kuntoutus", "kuntouttava työtoiminta", "asumispalvelu",
            "velkaneuvonta", "muu"]
CONTACT_MODES = ["tapaaminen", "puhelin", "kotikäynti", "etä"]
DECISIONS = ["myönnetty", "hylätty"]
END_REASONS = ["tavoite saavutettu", "muutto", "kuolema", "ei tavoiteta", "muu"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kela", required=True, help="source of the extract benchmark")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--events", type=int, default=5, help="events of a person, on average")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    rng = np.random.default_rng(arguments.seed)
    rows = arguments.rows
    known = pc.unique(pq.read_table(arguments.kela, columns=["person_code"])["person_code"])
    persons_in_kela = min(rows // arguments.events // 2, len(known))
    persons = pa.concat_arrays([
        known.take(pa.array(rng.choice(len(known), persons_in_kela, replace=False))),
        person_codes(np.arange(max(rows // arguments.events - persons_in_kela, 1)), int(rng.integers(CODES))),
    ])

    event = rng.integers(len(EVENT_TYPES), size=rows)
    is_event = {name: event == number for number, name in enumerate(EVENT_TYPES)}
    initiator = rng.integers(len(INITIATORS), size=rows)
    has_notification = is_event["VIREILLETULO"] & (initiator == INITIATORS.index("Kela"))
    is_assistance = is_event["TAYD_TUKI"] | is_event["EHK_TUKI"]

    def coded(codes, present=None):
        return pa.array(codes).take(pa.array(rng.integers(len(codes), size=rows), mask=None if present is None else ~present))

    table = pa.table({
        "person_code": persons.take(pa.array(rng.integers(len(persons), size=rows))),
        "organiser_code": coded(ORGANISERS),
        "event_type": pa.array(EVENT_TYPES).take(pa.array(event)),
        "event_date": pa.array(FIRST_DATE + rng.integers(DAYS, size=rows)),
        "initiator": pa.array(INITIATORS).take(pa.array(initiator, mask=~is_event["VIREILLETULO"])),
        "linked_notification": pa.array(rng.integers(10**9, size=rows), mask=~has_notification).cast(pa.string()),
        "service_task": coded(SERVICE_TASKS),
        "service": coded(SERVICES),
        "contact_mode": coded(CONTACT_MODES, is_event["YHTEYDENOTTO"]),
        "decision": coded(DECISIONS, is_event["PAATOS"] | is_assistance),
        "eur": pa.array(rng.integers(20, 900, size=rows, dtype=np.int32), mask=~is_assistance).cast(pa.decimal128(12, 2)),
        "end_reason": coded(END_REASONS, is_event["ASIAKKUUS_LOPPU"]),
    })
    pq.write_table(table, arguments.out, row_group_size=262_144)


if __name__ == "__main__":
    main()
