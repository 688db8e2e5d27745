#!/usr/bin/env python3
"""Makes two large registers of the same people quickly, to time linkage without codes: make_large.py OUT OFFICE TOWN SEED

Seven in ten of the TOWN clients are among the OFFICE persons, and one in twenty has no code. One surname in twenty is
another in the second register. Errors are simpler than those of make_people.py, so the links say nothing about precision. Nobody exists.
"""
import sys
from pathlib import Path

import numpy as np

out, office_size, town_size, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
N = np.random.default_rng(seed)
STEMS = """Koski Lehti Kivi Niemi Saari Laakso Ranta Honka Kuusi Salmi Virta Harju Pelto Vuori Lampi Aho Suo Korpi Haapa Pihla
Oja Hieta Kangas Ala Yli Uusi Vanha Iso Pikku Kontio Karhu Susi Hirvi Ilves Kettu Autio Rauta Hopea Kulta Hauta""".split()
ENDS = """nen la aho niemi saari koski ranta oja salo harju kangas lahti vaara vuori lampi pelto viita maa joki suo""".split()
GIVEN = """Maria Helena Anneli Johanna Kaarina Marjatta Hannele Kristiina Liisa Emilia Elina Tuulikki Annikki Sofia Susanna
Katariina Irmeli Inkeri Anna Riitta Aino Ritva Tuula Leena Eeva Sinikka Pirjo Minna Tarja Sari Hanna Tiina Laura Heidi Juhani
Johannes Olavi Antero Tapani Kalevi Tapio Matti Mikael Ilmari Petteri Pekka Timo Juha Kari Jari Mikko Antti Jukka Mika Markku
Hannu Heikki Risto Sakari Oskari Aleksi Henrik Eino Erkki Seppo Jorma Pentti Martti Marko Sami Ville Janne""".split()
CONTROL = np.array(list("0123456789ABCDEFHJKLMNPRSTUVWXY"))
CHUNK = 500_000


def surnames():
    """40 × 40 × 20 names, the first ones more often."""
    stems = np.array(STEMS)
    return np.char.add(np.char.add(stems[:, None], np.char.lower(stems)[None, :]).ravel()[:, None], np.array(ENDS)).ravel()


SURNAMES = surnames()


def pick(names, numbers, often=1.0):
    """The same number gets the same name."""
    spread = (numbers * 2_654_435_761 % 2**32) / 2**32
    return names[(spread**often * len(names)).astype(np.int64)]


def codes(pids):
    number, day = 2 + pids % 898, pids // 898
    six = (1 + day % 28) * 10_000 + (1 + day // 28 % 12) * 100 + day // 336 % 100
    digits = np.char.zfill(six.astype(str), 6)
    return np.char.add(np.char.add(np.char.add(digits, "U"), np.char.zfill(number.astype(str), 3)), CONTROL[(six * 1000 + number) % 31])


def write(path, prefix, pids, codeless):
    with open(path, "w", encoding="utf-8") as file:
        file.write("code;given;surname;birth;sex;postcode;street;client;day;pid\n")
        for start in range(0, len(pids), CHUNK):
            part = pids[start:start + CHUNK]
            names = np.array(GIVEN)
            given = np.char.add(np.char.add(pick(names, part + 1), " "), pick(names, part * 7 + 3))
            surname = pick(SURNAMES, part * 13 + 5, 1.5)
            changed = N.random(len(part)) < 0.05
            surname = np.where(changed, pick(SURNAMES, part * 17 + 9 + len(prefix), 1.5), surname)
            days = np.datetime64("1930-01-01") + (part * 97 % 32_000)
            postcode = np.char.zfill((part * 31 % 1500 * 10 + 100).astype(str), 5)
            street = np.char.add("Koivutie ", (part * 11 % 900).astype(str))
            code = np.where(N.random(len(part)) < codeless, "", codes(part))
            client = np.char.add(prefix, np.arange(start, start + len(part)).astype(str))
            columns = [code, given, surname, days.astype(str), (1 + part % 2).astype(str), postcode, street, client]
            file.writelines(";".join(row) + f";2019-01-01;{pid}\n" for *row, pid in zip(*columns, part))


out.mkdir(parents=True, exist_ok=True)
everyone = N.permutation(office_size + town_size)
inside, outside = everyone[:office_size], everyone[office_size:]
shared = int(town_size * 0.7)
clients = np.concatenate([inside[:shared], outside[:town_size - shared]])
write(out / "office.csv", "a", np.sort(inside), 0.0)
write(out / "town.csv", "b", N.permutation(clients), 0.05)
