#!/usr/bin/env python3
"""Makes two registers of the same people with different spellings, and the truth: for linkage without codes.

    make_people.py OUT POPULATION OFFICE TOWN SEED SEVERITY

OFFICE persons stand in the office's register with official names. Seven in ten of the TOWN clients do too; their names are
as a desk typed them. SEVERITY 1 has realistic errors, 2 twice as many. Clients born abroad lack a code six times as often as
others. `OUT/office.csv` and `OUT/town.csv` are sources of `extract`; `pid` is the truth. Nobody in them exists.
"""
import csv
import random
import sys
from pathlib import Path

import numpy as np
from faker.providers.person.fi_FI import Provider

out, population, office_size, town_size, seed = Path(sys.argv[1]), *map(int, sys.argv[2:6])
severity = float(sys.argv[6])
R = random.Random(seed)
N = np.random.default_rng(seed)

# Surnames: 400 real ones with the weights of the register cover about 40 % of people. The tail is made of stems and endings.
STEMS = """Koski Lehti Kivi Mäki Niemi Järvi Saari Laakso Ranta Honka Kuusi Salmi Virta Harju Pelto Vuori Lampi Heinä Kallio
Aho Suo Korpi Haapa Pihla Oja Hieta Kangas Ala Yli Uusi Vanha Iso Pikku Kylä Kontio Karhu Susi Hirvi Ilves Kettu Metsä Salo
Selkä Autio Rauta Hopea Kulta Hauta Myllä Torp Sepp Väli Keski Etelä Pohja Itä Länsi Tuomi Paju Leppä Vaara Törmä Louhi Penti
Rautio Kauppi Huhta Nur Haka Sarka Palo Sillan Turun""".split()
ENDS = """nen la lä inen aho mäki niemi järvi saari koski ranta oja salo harju kangas lahti vaara vuori lampi pelto viita maa
perä joki suo halme lainen läinen ton talo""".split()
FOREIGN_MEN = {"Mohammed": "Muhammad Mohamed Muhammed Mohamad", "Ahmed": "Ahmad Achmed", "Ali": "Aly",
    "Hassan": "Hasan Hassaan", "Hussein": "Husein Hussain Hossein", "Abdullahi": "Abdulahi Abdullah Abdilahi",
    "Yusuf": "Yousef Youssef Jusuf", "Omar": "Umar Omer", "Sergei": "Sergey Serguei",
    "Aleksandr": "Alexander Aleksander Alexandr", "Dmitri": "Dmitry Dimitri Dmitriy", "Ivan": "Iwan", "Nguyen": "Ngyuen",
    "Minh": "Min", "Mehmet": "Mehmed"}
FOREIGN_WOMEN = {"Fatima": "Fatma Faduma Fadumo", "Amina": "Aamina Aminah", "Maryam": "Mariam Miriam Maria",
    "Khadija": "Khadra Hadija Kadija", "Aisha": "Aysha Ayesha Aicha", "Natalia": "Natalya Nataliia", "Svetlana": "Svitlana",
    "Olga": "Olha", "Tatiana": "Tatyana Tetiana", "Yelena": "Elena Jelena Olena", "Anh": "Ann", "Thi": "Ti",
    "Zahra": "Zara Zahraa", "Leyla": "Laila Layla Leila"}
FOREIGN_SURNAMES = """Mohamed Ali Ahmed Hassan Hussein Abdi Omar Yusuf Ibrahim Nguyen Tran Ivanov Petrov Smirnov Kuznetsov
Al-Jabiri Al-Hassani Hosseini Rahimi Ahmadi Kovalenko Shevchenko Tamm Saar Sepp Yilmaz Demir Warsame Jama Farah Bondarenko
Popov Karimi Haidari Noori Osman Nur Adan Hersi Barre""".split()
SPELLINGS = {name: others.split() for name, others in (FOREIGN_MEN | FOREIGN_WOMEN).items()}
NICKNAMES = {"Matti": ["Masa"], "Johannes": ["Juha", "Jussi"], "Juhani": ["Juha", "Jussi"], "Mikael": ["Mika", "Miika"],
    "Antero": ["Antti"], "Aleksi": ["Alex"], "Katariina": ["Kati", "Kaisa"], "Elisabet": ["Elisa", "Liisa"],
    "Maria": ["Maija", "Marja"], "Kristiina": ["Kirsi", "Tiina"], "Anneli": ["Anne"], "Johanna": ["Hanna"],
    "Margareeta": ["Marketta", "Reetta"], "Tapani": ["Tapio"], "Kalevi": ["Kale"], "Olavi": ["Olli"], "Tapio": ["Tape"],
    "Sofia": ["Sohvi"], "Aleksanteri": ["Santeri", "Aleksi"], "Helena": ["Leena"], "Emilia": ["Emmi"]}
STREET_NAMES = """Koivu Mänty Kuusi Kirkko Koulu Puisto Ranta Asema Kauppa Mylly Pelto Metsä Lehto Keskus Teollisuus Satama
Linna Torni Harju Niitty Vaahtera Pihlaja Tuomi Kataja Haapa Leppä Hallitus Rauhan Hämeen Itä Länsi Pohjois Etelä Paju Omena
Orvokki Ruusu Kielo Vanamo Kettu Karhu Hirvi""".split()
STREETS = [name + kind for name in STREET_NAMES for kind in ("tie", "katu", "kuja", "polku", "raitti")]
LETTERS = "abcdefghijklmnopqrstuvwxyzäö"
PLAIN = str.maketrans("äöåÄÖÅ", "aoaAOA")
CONTROL = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def weighted(names):
    weights = np.array(list(names.values()), float)
    return np.array(list(names)), weights / weights.sum()


def tail_of_surnames():
    names = sorted({stem + end for stem in STEMS for end in ENDS if len(stem + end) > 4})
    R.shuffle(names)
    weights = 1 / np.arange(20, 20 + len(names)) ** 0.9
    return names, weights / weights.sum()


TOP, TOP_WEIGHTS = weighted(Provider.last_names)
TAIL, TAIL_WEIGHTS = tail_of_surnames()
SURNAMES = np.concatenate([TOP, TAIL])
SURNAME_WEIGHTS = np.concatenate([TOP_WEIGHTS * 0.4, TAIL_WEIGHTS * 0.6])
MEN, MEN_WEIGHTS = weighted(Provider.first_names_male)
WOMEN, WOMEN_WEIGHTS = weighted(Provider.first_names_female)
POSTCODES = [f"{code:05d}" for code in N.choice(np.arange(100, 99900, 10), 1500, replace=False)]
POSTCODE_WEIGHTS = 1 / np.arange(5, 5 + len(POSTCODES)) ** 0.8
POSTCODE_WEIGHTS /= POSTCODE_WEIGHTS.sum()


def surname():
    return SURNAMES[N.choice(len(SURNAMES), p=SURNAME_WEIGHTS)]


def postcode():
    return POSTCODES[N.choice(len(POSTCODES), p=POSTCODE_WEIGHTS)]


def given_names(sex, abroad):
    if abroad:
        names = list(FOREIGN_MEN if sex == 1 else FOREIGN_WOMEN)
        return [R.choice(names)] + ([R.choice(names)] if R.random() < 0.4 else [])
    names, weights = (MEN, MEN_WEIGHTS) if sex == 1 else (WOMEN, WOMEN_WEIGHTS)
    number = R.choices([1, 2, 3], [15, 65, 20])[0]
    return list(dict.fromkeys(names[N.choice(len(names), p=weights)] for _ in range(number)))


def household():
    """People who share a home and mostly a surname; now and then twins."""
    size = R.choices([1, 2, 3, 4, 5], [45, 30, 11, 10, 4])[0]
    abroad = R.random() < 0.09
    family = R.choice(FOREIGN_SURNAMES) if abroad else surname()
    stairs = f" {R.choice('ABCD')} {R.randint(1, 80)}" if R.random() < 0.5 else ""
    home = postcode(), f"{R.choice(STREETS)} {R.randint(1, 60)}{stairs}"
    ages = [R.randint(18, 90), R.randint(18, 90)][: min(size, 2)] + [R.randint(0, 24) for _ in range(size - 2)]
    has_twins = size > 3 and R.random() < 0.03
    people = []
    for at, age in enumerate(ages):
        sex = R.randint(1, 2)
        given = given_names(sex, abroad)
        birth = (2019 - age, R.randint(1, 12), R.randint(1, 28))
        if has_twins and at == size - 1:
            birth = people[-1]["birth"]
        elif abroad and R.random() < 0.15:
            birth = (2019 - age, 1, 1)
        name = family if at != 1 or R.random() < 0.7 else surname()
        if at == 1 and R.random() < 0.06:
            name += "-" + surname()
        used = given[0] if R.random() < 0.8 else R.choice(given)
        people.append(dict(given=given, used=used, surname=name, birth=birth, sex=sex, home=home, abroad=abroad))
    return people


def mistyped(word):
    if len(word) < 2:
        return word
    at = R.randrange(len(word))
    return [word[:at] + R.choice(LETTERS) + word[at + 1:], word[:at] + word[at + 1:], word[:at] + R.choice(LETTERS) + word[at:],
        word[:at] + word[at + 1:at + 2] + word[at] + word[at + 2:], word[:at] + word[at] + word[at:]][R.randrange(5)]


def official(person):
    given, name = " ".join(person["given"]), person["surname"]
    if R.random() < 0.01 * severity:
        name = mistyped(name)
    if R.random() < 0.01 * severity:
        given = mistyped(given)
    code, street = person["home"] if R.random() > 0.05 else ("", "")
    return [given, name, "%04d-%02d-%02d" % person["birth"], person["sex"], code, street]


def typed(person):
    def happens(rate):
        return R.random() < min(0.9, rate * severity * (1.6 if person["abroad"] else 1))

    given, name = list(person["given"]), person["surname"]
    if happens(0.35):
        given = [person["used"]]
    elif happens(0.10):
        R.shuffle(given)
    if happens(0.03):
        given = [R.choice(NICKNAMES[word]) if word in NICKNAMES else word for word in given]
    if person["abroad"] and happens(0.20):
        given = [R.choice(SPELLINGS[word]) if word in SPELLINGS and R.random() < 0.7 else word for word in given]
    given = [mistyped(word) if happens(0.035) else word for word in given]
    if happens(0.05 if person["sex"] == 2 else 0.008):
        name = surname() if R.random() < 0.7 else f"{name}-{surname()}"
    elif "-" in name and happens(0.4):
        name = R.choice(name.split("-")) if R.random() < 0.7 else name.replace("-", " ")
    if happens(0.045):
        name = mistyped(name)
    given = " ".join(given)
    if happens(0.30):
        given, name = given.translate(PLAIN), name.translate(PLAIN)
    if happens(0.25):
        given, name = given.upper(), name.upper()
    if happens(0.012):
        given, name = name, given
    birth = wrong_birth(*person["birth"]) if not happens(0.01) else ""
    sex = person["sex"] if not happens(0.005) else 3 - person["sex"]
    code, street = person["home"]
    if happens(0.22):
        code, street = postcode(), f"{R.choice(STREETS)} {R.randint(1, 60)}"
    elif happens(0.08):
        code, street = "", ""
    elif happens(0.10):
        street = mistyped(street)
    return [given, name, birth, "" if happens(0.02) else sex, code, street]


def wrong_birth(year, month, day):
    drawn = R.random() / severity
    if drawn < 0.008 and day <= 12:
        month, day = day, month
    elif drawn < 0.016:
        day = max(1, min(28, day + R.choice([-10, -1, 1, 10])))
    elif drawn < 0.021:
        month = R.randint(1, 12)
    elif drawn < 0.028:
        year += R.choice([-10, -1, 1, 10])
    elif drawn < 0.031:
        month, day = 1, 1
    return f"{year:04d}-{month:02d}-{day:02d}"


def identity_code(pid):
    """A valid code under a sign that the register does not give out. It says nothing about the person's birth date."""
    number, day = 2 + pid % 898, pid // 898
    six = f"{1 + day % 28:02d}{1 + day // 28 % 12:02d}{day // 336 % 100:02d}"
    return f"{six}U{number:03d}{CONTROL[int(f'{six}{number:03d}') % 31]}"


def write(path, prefix, records):
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\n")
        rows.writerow("code given surname birth sex postcode street client day pid".split())
        for number, (pid, code, fields) in enumerate(records):
            rows.writerow([code, *fields, f"{prefix}{number}", "2019-01-01", pid])


people = []
while len(people) < population:
    people.extend(household())
people = people[:population]
order = list(range(population))
R.shuffle(order)
inside, outside = order[:office_size], order[office_size:]
clients = R.sample(inside, int(town_size * 0.7)) + R.sample(outside, town_size - int(town_size * 0.7))
R.shuffle(clients)
out.mkdir(parents=True, exist_ok=True)
write(out / "office.csv", "a", ((pid, identity_code(pid), official(people[pid])) for pid in sorted(inside)))
lacks = [R.random() < (0.18 if people[pid]["abroad"] else 0.03) for pid in clients]
write(out / "town.csv", "b", ((pid, "" if without else identity_code(pid), typed(people[pid])) for pid, without in zip(clients, lacks)))
