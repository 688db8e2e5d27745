use crate::text::Text;

/// What a detector finds, and in which disguise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Code,
    Dash,
    FullWidth,
    Invisible,
    OddSign,
    Spaced,
    LowerCase,
    Escaped,
    Hex,
    Base64,
    Base32,
    Reversed,
    Signless,
    LongYear,
    Split,
    Number,
    BareNumber,
    IsoNumber,
    Cut,
    Phone,
    PhoneCell,
    PhoneNumber,
    Email,
    SharedEmail,
    Iban,
    Street,
    PostalPlace,
    FullName,
    FirstName,
    Surname,
    Coordinates,
    CoordinateText,
    Plate,
    PlateCell,
    Secret,
}

/// When what was found is too much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rule {
    /// A string of the shape passes its check digits with this probability.
    Chance(f64),
    /// So many different ones fail; fewer warn.
    Count(u64),
    /// Never more than a warning.
    Warns,
    /// At least so many hits, which are at least this share of all that could be one, of at least so many features;
    /// a warning if they are of fewer features than `sure`.
    Share { hits: u64, share: f64, features: u32, sure: u32 },
}

const CONTROL: Rule = Rule::Chance(1.0 / 31.0);

impl Kind {
    /// The check that it belongs to.
    pub fn check(self) -> &'static str {
        match self {
            Self::Code => "residue.identity_codes",
            Self::Split => "residue.split",
            Self::Number | Self::BareNumber | Self::IsoNumber | Self::Cut => "residue.numbers",
            Self::Phone | Self::PhoneCell | Self::PhoneNumber => "residue.phones",
            Self::Email | Self::SharedEmail => "residue.emails",
            Self::Iban => "residue.ibans",
            Self::Street | Self::PostalPlace => "residue.addresses",
            Self::FullName | Self::FirstName | Self::Surname => "residue.names",
            Self::Coordinates | Self::CoordinateText => "residue.coordinates",
            Self::Plate | Self::PlateCell => "residue.plates",
            Self::Secret => "residue.other_files",
            _ => "residue.disguised",
        }
    }

    pub fn rule(self) -> Rule {
        match self {
            Self::Iban => Rule::Chance(1.0 / 97.0),
            Self::BareNumber => Rule::Share { hits: 30, share: 0.95, features: 9, sure: 46 },
            // No count of them tells them from numbers that are written so.
            Self::Cut => Rule::Share { hits: 30, share: 0.95, features: 9, sure: u32::MAX },
            Self::IsoNumber => Rule::Share { hits: 30, share: 0.95, features: 40, sure: 46 },
            Self::PhoneCell => Rule::Share { hits: 3, share: 0.3, features: 0, sure: 0 },
            Self::PhoneNumber => Rule::Share { hits: 20, share: 0.9, features: 3, sure: 3 },
            // Units and projects are called by first names, a few.
            Self::FirstName => Rule::Share { hits: 5, share: 0.25, features: 0, sure: 8 },
            Self::Surname => Rule::Share { hits: 5, share: 0.15, features: 3, sure: 3 },
            Self::PlateCell => Rule::Share { hits: 10, share: 0.6, features: 6, sure: 6 },
            Self::Email | Self::Secret => Rule::Count(1),
            Self::SharedEmail | Self::PostalPlace => Rule::Warns,
            Self::Coordinates => Rule::Count(10),
            Self::Phone | Self::Street | Self::FullName | Self::CoordinateText | Self::Plate => Rule::Count(3),
            _ => CONTROL,
        }
    }

    /// Whether one of these in a name tells who someone is: everything that is no share of a column.
    pub fn reveals(self) -> bool {
        !matches!(self.rule(), Rule::Share { .. } | Rule::Warns)
    }

    /// In the officer's words.
    pub fn words(self) -> Text {
        let (en, fi) = self.names();
        Text::new(en, fi)
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Code => ("identity code as it is", "henkilötunnus sellaisenaan"),
            Self::Dash => ("with an odd dash", "poikkeava viiva"),
            Self::FullWidth => ("in full-width or other foreign digits", "leveät tai muut vieraat merkit"),
            Self::Invisible => ("with invisible characters in it", "näkymättömiä merkkejä välissä"),
            Self::OddSign => ("with another mark in place of the sign", "muu merkki välimerkin paikalla"),
            Self::Spaced => ("with spaces in it", "välilyöntejä sisällä"),
            Self::LowerCase => ("in lower case", "pienin kirjaimin"),
            Self::Escaped => ("escaped as in a web page or address", "koodattu kuten verkkosivulla tai -osoitteessa"),
            Self::Hex => ("written as hexadecimal digits", "heksadesimaalina"),
            Self::Base64 => ("written in base64", "base64-koodattuna"),
            Self::Base32 => ("written in base32", "base32-koodattuna"),
            Self::Reversed => ("reversed", "takaperin"),
            Self::Signless => ("without its sign", "ilman välimerkkiä"),
            Self::LongYear => ("with the year in four digits", "vuosi nelinumeroisena"),
            Self::Split => ("over several columns", "useaan sarakkeeseen jaettuna"),
            Self::Number => ("as a number, with its control", "lukuna, tarkiste mukana"),
            Self::BareNumber => ("as a number, without its control", "lukuna, ilman tarkistetta"),
            Self::Cut => (
                "as an identity code whose control was cut or struck out",
                "kuin henkilötunnus, jonka tarkiste on poistettu",
            ),
            Self::IsoNumber => ("birth date and individual number as one number", "syntymäaika ja yksilönumero lukuna"),
            Self::Phone => ("phone number in text", "puhelinnumero tekstissä"),
            Self::PhoneCell => ("phone number", "puhelinnumero"),
            Self::PhoneNumber => ("phone number as a number", "puhelinnumero lukuna"),
            Self::Email => ("e-mail address", "sähköpostiosoite"),
            Self::SharedEmail => ("e-mail address of an office", "viraston sähköpostiosoite"),
            Self::Iban => ("bank account (IBAN)", "tilinumero (IBAN)"),
            Self::Street => ("street address", "katuosoite"),
            Self::PostalPlace => ("postal code and place", "postinumero ja -toimipaikka"),
            Self::FullName => ("first name or initial, and surname", "etunimi tai sen alkukirjain ja sukunimi"),
            Self::FirstName => ("column of first names", "etunimisarake"),
            Self::Surname => ("column of surnames", "sukunimisarake"),
            Self::Coordinates => ("columns of coordinates", "koordinaattisarakkeet"),
            Self::CoordinateText => ("coordinates in text", "koordinaatit tekstissä"),
            Self::Plate => ("vehicle plate in text", "rekisteritunnus tekstissä"),
            Self::Secret => ("a private key or a secret", "yksityinen avain tai salaisuus"),
            Self::PlateCell => ("column of vehicle plates", "rekisteritunnussarake"),
        }
    }
}
