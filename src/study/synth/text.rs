//! Names, addresses and notes, all made up.

use super::style::Style;

const WOMEN: [&str; 12] =
    ["Aino", "Helmi", "Päivi", "Sari", "Tiina", "Hanna", "Maija", "Outi", "Kaarina Elina", "Jenni", "Äli", "Venla"];
const MEN: [&str; 12] =
    ["Väinö", "Eero", "Jari", "Mika", "Antti", "Juha Petteri", "Pekka", "Ville", "Onni", "Timo", "Åke", "Heikki"];
const LAST: [&str; 20] = [
    "Virtanen",
    "Korhonen",
    "Nieminen",
    "Mäkinen",
    "Hämäläinen",
    "Laine",
    "Heikkinen",
    "Koskinen",
    "Järvinen",
    "Lehtonen",
    "Saarinen",
    "Salminen",
    "Heinonen",
    "Niemi",
    "Kinnunen",
    "Salonen",
    "Turunen",
    "Öhman",
    "Åberg",
    "Mäki-Testi",
];
const STREETS: [&str; 10] = [
    "Mallikatu",
    "Esimerkkitie",
    "Testikuja",
    "Keksittypolku",
    "Näytetie",
    "Harjoituskatu",
    "Kokeilukuja",
    "Synteettitie",
    "Mallistonkatu",
    "Åkerintie",
];
/// Some have separators, quotation marks and line breaks, as free text has.
const NOTES: [&str; 12] = [
    "Asiakas tavattu toimistolla.",
    "Soitettu, ei vastannut; yritetään uudelleen.",
    "Keskusteltu asumisesta, veloista ja työllistymisestä.",
    "Asiakas kertoi: \"pärjään paremmin\".",
    "Toimeentulotukihakemus käsittelyssä; liitteet puuttuvat.",
    "Läheinen ottanut yhteyttä, huoli jaksamisesta.",
    "Verkostopalaveri sovittu.",
    "Ei erityistä.",
    "Muutto tulossa, uusi osoite ilmoitetaan myöhemmin.",
    "Ohjattu velkaneuvontaan.",
    "Tapaaminen peruttu.\nUusi aika sovitaan puhelimitse.",
    "Sovittu jatkosta; asiakas palaa asiaan.",
];
/// Texts before and after an identity code.
const TELLING: [(&str, &str); 4] = [
    ("Asiakkaan tunnus ", " tarkistettu; kunnossa."),
    ("Hetu: ", ""),
    ("Puolison (", ") tilanne huomioitava, ks. edellinen merkintä."),
    ("", " soitti."),
];

/// How many [`TELLING`] notes there are.
pub(super) const TELLING_NOTES: u32 = TELLING.len() as u32;

/// The texts as one source writes them, quoted where they must be.
pub(super) struct Pools {
    women: Vec<Vec<u8>>,
    men: Vec<Vec<u8>>,
    last: Vec<Vec<u8>>,
    addresses: Vec<Vec<u8>>,
    notes: Vec<Vec<u8>>,
    telling: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Pools {
    /// The texts in this style; all of them exist in every encoding.
    pub(super) fn new(style: &Style) -> Self {
        let fields = |texts: &[&str]| texts.iter().map(|text| style.field(text).unwrap_or_default()).collect();
        let inner = |text| style.quoted_part(text).unwrap_or_default();
        let address = |i: usize| format!("{} {} A {}, 00000 Mallila", STREETS[i % 10], 1 + i / 10 % 60, 1 + i % 7);
        Self {
            women: fields(&WOMEN),
            men: fields(&MEN),
            last: fields(&LAST),
            addresses: (0..600).map(|i| style.field(&address(i)).unwrap_or_default()).collect(),
            notes: fields(&NOTES),
            telling: TELLING.iter().map(|(before, after)| (inner(before), inner(after))).collect(),
        }
    }

    /// First names; the lowest bit of `number` tells a man.
    pub(super) fn first_names(&self, number: u32) -> &[u8] {
        chosen(if number & 1 == 1 { &self.men } else { &self.women }, number >> 1)
    }

    pub(super) fn last_name(&self, number: u32) -> &[u8] {
        chosen(&self.last, number >> 5)
    }

    pub(super) fn address(&self, number: u32) -> &[u8] {
        chosen(&self.addresses, number >> 2)
    }

    pub(super) fn note(&self, number: u32) -> &[u8] {
        chosen(&self.notes, number)
    }

    /// What stands before and after a code in a quoted note.
    pub(super) fn telling(&self, number: u8) -> (&[u8], &[u8]) {
        let (before, after) = &self.telling[usize::from(number) % self.telling.len()];
        (before, after)
    }
}

fn chosen(texts: &[Vec<u8>], number: u32) -> &[u8] {
    &texts[number as usize % texts.len()]
}
