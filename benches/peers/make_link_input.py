"""Write a synthetic municipal social work table, pseudonymised as a delivery is, for the link benchmark.

The other input of the link is the output of the extract benchmark: about half of the persons are taken from it.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PSEUDONYM = pa.binary(16)
EVENTS_A_PERSON = 5
FIRST_DATE = np.datetime64("2017-01-01")
DAYS = 1095

ORGANISERS = ["005", "020", "049", "091", "092", "106", "109", "153", "167", "179", "257", "297"]
EVENT_TYPES = ["ASIAKKUUS_ALKU", "ASIAKKUUS_LOPPU", "VIREILLETULO", "YHTEYDENOTTO", "PT_ARVIO_ALKU", "PT_ARVIO_VALMIS",
               "SUUNNITELMA", "PAATOS", "TAYD_TUKI", "EHK_TUKI"]
INITIATORS = ["asiakas", "Kela", "viranomainen", "läheinen", "muu"]
SERVICE_TASKS = ["työikäisten palvelut", "lapsiperheiden palvelut", "päihdepalvelut"]
SERVICES = ["sosiaalityö", "sosiaaliohjaus", "sosiaalinen kuntoutus", "kuntouttava työtoiminta", "asumispalvelu",
            "velkaneuvonta", "muu"]
CONTACT_MODES = ["tapaaminen", "puhelin", "kotikäynti", "etä"]
DECISIONS = ["myönnetty", "hylätty"]
END_REASONS = ["tavoite saavutettu", "muutto", "kuolema", "ei tavoiteta", "muu"]


def random_pseudonyms(count, rng):
    return pa.FixedSizeBinaryArray.from_buffers(PSEUDONYM, count, [None, pa.py_buffer(rng.bytes(16 * count))])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kela", required=True, help="output of an extract script")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    rng = np.random.default_rng(arguments.seed)
    rows = arguments.rows
    known = pc.unique(pq.read_table(arguments.kela, columns=["pseudonym"])["pseudonym"]).cast(PSEUDONYM)
    persons_in_kela = min(rows // EVENTS_A_PERSON // 2, len(known))
    persons = pa.concat_arrays([
        known.take(pa.array(rng.choice(len(known), persons_in_kela, replace=False))),
        random_pseudonyms(max(rows // EVENTS_A_PERSON - persons_in_kela, 1), rng),
    ])

    event = rng.integers(len(EVENT_TYPES), size=rows)
    is_event = {name: event == number for number, name in enumerate(EVENT_TYPES)}
    initiator = rng.integers(len(INITIATORS), size=rows)
    has_notification = is_event["VIREILLETULO"] & (initiator == INITIATORS.index("Kela"))
    is_assistance = is_event["TAYD_TUKI"] | is_event["EHK_TUKI"]

    def coded(codes, present=None):
        return pa.array(codes).take(pa.array(rng.integers(len(codes), size=rows), mask=None if present is None else ~present))

    table = pa.table({
        "pseudonym": persons.take(pa.array(rng.integers(len(persons), size=rows))),
        "organiser_code": coded(ORGANISERS),
        "event_type": pa.array(EVENT_TYPES).take(pa.array(event)),
        "event_date": pa.array(FIRST_DATE + rng.integers(DAYS, size=rows)),
        "initiator": pa.array(INITIATORS).take(pa.array(initiator, mask=~is_event["VIREILLETULO"])),
        "linked_notification": pc.if_else(pa.array(has_notification), random_pseudonyms(rows, rng), pa.scalar(None, PSEUDONYM)),
        "service_task": coded(SERVICE_TASKS),
        "service": coded(SERVICES),
        "contact_mode": coded(CONTACT_MODES, is_event["YHTEYDENOTTO"]),
        "decision": coded(DECISIONS, is_event["PAATOS"] | is_assistance),
        "eur": pa.array(rng.integers(20, 900, size=rows, dtype=np.int32), mask=~is_assistance).cast(pa.decimal128(12, 2)),
        "end_reason": coded(END_REASONS, is_event["ASIAKKUUS_LOPPU"]),
    })
    order = pc.sort_indices(table, sort_keys=[("pseudonym", "ascending"), ("event_date", "ascending")])
    pq.write_table(table.take(order), arguments.out, compression="zstd", write_statistics=False)


if __name__ == "__main__":
    main()
