//! Two examples of each command, at the end of its help.

/// Joins the lines of two examples.
macro_rules! examples {
    ($($name:ident: $first:literal, $second:literal;)*) => {$(
        pub(super) const $name: &str = concat!("Examples:\n  ", $first, "\n  ", $second);
    )*};
}

examples! {
    DEMO:
        "salanimi demo --out demo",
        "salanimi demo --persons 5000 --seed 7 --attack quick --out demo";
    SYNTH:
        "salanimi synth --contract contract.toml --persons 2000 --seed 1 --out registers",
        "salanimi synth --contract contract.toml --persons 1000000 --seed 1 --json --out registers";
    COHORT:
        "salanimi cohort --contract contract.toml --holder clinic.toml --signing-key clinic.signing --out persons.age",
        "salanimi show --contract contract.toml --identity town.identity persons.age";
    INIT:
        "salanimi init --contract contract.toml --holder turku --source events.csv --out turku.toml",
        "salanimi init --contract contract.toml --holder clinic --source a.sas7bdat --source b.parquet --out new.toml";
    EXTRACT:
        "salanimi extract --dry-run --contract contract.toml --holder clinic.toml",
        "salanimi extract --contract contract.toml --holder clinic.toml --key project.key --identity clinic.identity \
         --signing-key clinic.signing --out clinic-1";
    LINK:
        "salanimi link --contract contract.toml --identity linker.identity --out linked clinic-1 town-1",
        "salanimi link --contract contract.toml --identity linker.identity --link-key link.key --strict --out linked \
         clinic-1 town-1";
    RELEASE:
        "salanimi release --plan --contract contract.toml",
        "salanimi release --contract contract.toml --key release.key --out released linked";
    VERIFY:
        "salanimi verify --contract contract.toml --identity officer.identity --report page.html linked released",
        "salanimi verify --attack none --released --lang fi --report sivu.html tables/";
    SHOW:
        "salanimi show contract.toml",
        "salanimi show --contract contract.toml --identity officer.identity clinic-1";
    KEY:
        "salanimi key new --contract contract.toml project.key",
        "salanimi key fingerprint project.key";
    KEY_NEW:
        "salanimi key new --contract contract.toml --to clinic --to town project.key",
        "salanimi key new --signing --contract contract.toml clinic.signing";
    KEY_FINGERPRINT:
        "salanimi key fingerprint project.key",
        "salanimi key fingerprint --identity clinic.identity project.key";
    KEY_SPLIT:
        "salanimi key split --shares 3 --threshold 2 project.key",
        "salanimi key split --shares 5 --threshold 3 --plain --identity clinic.identity project.key";
    KEY_COMBINE:
        "salanimi key combine --out project.key project.key.1.share project.key.3.share",
        "salanimi key combine --json --out project.key project.key.2.share project.key.3.share";
    KEY_DESTROY:
        "salanimi key destroy --signing-key clinic.signing --certificate project.key.destroyed.json project.key",
        "salanimi key destroy --signing-key clinic.signing --identity clinic.identity --certificate c.json project.key";
    MANUAL:
        "salanimi manual --out manual",
        "man manual/salanimi-extract.1";
}
