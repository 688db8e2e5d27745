//! Evidence that several checks give.

use crate::text::Text;

pub(super) fn sealed() -> Text {
    Text::new(
        "sealed; give the --identity of a recipient",
        "sinetöity; anna jonkin vastaanottajan --identity",
        "förseglad; ange en mottagares --identity",
    )
}

pub(super) fn files_match(files: usize) -> Text {
    Text::new(
        format!("{files} files, byte for byte"),
        format!("{files} tiedostoa, tavulleen"),
        format!("{files} filer, byte för byte"),
    )
}

/// Evidence of a check that needs the contract where none is given.
pub(super) fn needs_contract() -> Text {
    Text::new(
        "needs the contract; give --contract FILE",
        "tarvitsee sopimuksen; anna --contract TIEDOSTO",
        "kräver avtalet; ange --contract FIL",
    )
}

pub(super) fn stated_by_right() -> Text {
    Text::new(
        "only what the contract lets it state; source rows, filtered and rejected records, lists and changed codes are \
         stated by the holder and cannot be checked",
        "vain sellaista, mistä sopimuksen mukaan saa ilmoittaa; lähderivit, pois jätetyt ja hylätyt tietueet, \
         luettelot ja muuttuneet tunnukset ovat luovuttajan ilmoittamia, eikä niitä voi tarkistaa",
        "endast vad som enligt avtalet får uppges; källrader, utelämnade och avvisade poster, listor och ändrade \
         beteckningar är uppgivna av utlämnaren och kan inte kontrolleras",
    )
}

pub(super) fn names_of_contract() -> Text {
    Text::new(
        "only names, codes and texts of the contract and the tool",
        "vain sopimuksen ja työkalun nimiä, koodeja ja tekstejä",
        "endast namn, koder och texter från avtalet och verktyget",
    )
}

pub(super) fn other_contract() -> Text {
    Text::new(
        "made under another contract; give the contract of this data",
        "tehty toisen sopimuksen mukaan; anna tämän aineiston sopimus",
        "gjord enligt ett annat avtal; ange avtalet för detta datamaterial",
    )
}
