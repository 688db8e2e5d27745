//! Verdicts on released tables of any origin.

use crate::crypto::Unlock;
use crate::progress::NoProgress;
use crate::verify::check::{Check, Verdict};
use crate::verify::options::Options;
use crate::verify::pass;
use crate::verify::risk::findings::{CURVES, DIFFERENCING, HIDDEN_CELLS, K_ANONYMITY, SMALL_CELLS, SUBSETS};
use crate::verify::subject::{Kind, Subject};

/// Returns the risk checks of a folder with these files.
fn checks(files: &[(&str, &str)], released: bool) -> Vec<Check> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let paths = [folder.path().to_owned()];
    let unlock = Unlock::default();
    let clock = || std::time::Duration::ZERO;
    let mut options = Options::new(&paths, &unlock, &clock);
    options.released = released;
    let subjects = [Subject::tables(folder.path(), Kind::Tables, &options)];
    let seen = pass::read(&subjects, &options, &NoProgress);
    let mut checks = Vec::new();
    crate::verify::risk::check(&subjects, &seen.profiles, &options, &mut checks, &NoProgress);
    checks
}

/// Returns the names of the checks that fail for a release of these files.
fn failing(files: &[(&str, &str)]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> =
        checks(files, true).iter().filter(|check| check.verdict == Verdict::Fail).map(|check| check.name).collect();
    names.dedup();
    names
}

/// Returns the names of the checks that fail for a release of one table.
fn fails(table: &str) -> Vec<&'static str> {
    failing(&[("table.csv", table)])
}

const NONE: [&str; 0] = [];

#[test]
fn a_hidden_cell_that_follows_from_a_total_fails() {
    for table in [
        "region;n\nnorth;<5\nsouth;40\neast;30\nTotal;73\n",
        "alue;lkm\npohjoinen;..\netelä;40\nitä;30\nYhteensä;73\n",
        "område;antal\nnorr;*\nsöder;40\nöst;30\nTotalt;73\n",
        "alue;lkm\npohjoinen;\netelä;40\nitä;30\nKaikki;73\n",
        "alue,asiakkaita\npohjoinen,x\netelä,40\nitä,30\nyhteensä,73\n",
        "sex;region;n\nf;north;<5\nf;south;40\nf;(all);43\nm;north;33\nm;south;41\nm;(all);74\n",
    ] {
        assert_eq!(fails(table), [HIDDEN_CELLS], "{table}");
    }
}

#[test]
fn hidden_cells_that_stay_unknown_pass() {
    for table in [
        // Two hidden cells whose sum is large enough.
        "region;n\nnorth;..\nsouth;..\neast;30\nTotal;73\n",
        "region;n\nnorth;<5\nsouth;..\neast;30\nTotal;73\n",
        // No total.
        "region;n\nnorth;<5\nsouth;40\n",
        // Rounded: sums hold only about.
        "region;n\nnorth;..\nsouth;40\neast;30\nTotal;75\n",
        // A dash is no person.
        "region;n\nnorth;-\nsouth;40\neast;33\nTotal;73\n",
        // Labels that overlap.
        "service;n\na;20\nb;<5\nc;30\nTotal;41\n",
    ] {
        assert_eq!(fails(table), NONE, "{table}");
    }
}

#[test]
fn a_large_cell_that_is_bounded_narrowly_warns() {
    let checks = checks(&[("table.csv", "region;n\nnorth;<5\nsouth;..\neast;30\nTotal;73\n")], true);
    let check = checks.iter().find(|check| check.name == HIDDEN_CELLS).unwrap();
    assert_eq!(check.verdict, Verdict::Warn);
}

#[test]
fn bounds_resolve_two_hidden_cells_of_a_sum() {
    assert_eq!(fails("region;n\nnorth;<5\nsouth;<5\neast;30\nTotal;37\n"), [HIDDEN_CELLS]);
    assert_eq!(fails("region;n\nnorth;..\nsouth;..\neast;30\nTotal;33\n"), [HIDDEN_CELLS]);
}

#[test]
fn a_two_way_table_is_solved_in_both_directions() {
    // Each row and each column hides two cells, but two are small.
    let header = "region;sex;n\n";
    let inner = "north;f;*\nnorth;m;*\nsouth;f;*\nsouth;m;*\n";
    let open = "north;total;41\nsouth;total;52\ntotal;f;46\ntotal;m;47\ntotal;total;93\n";
    assert_eq!(fails(&format!("{header}{inner}{open}")), NONE);
    let narrow = "north;total;3\nsouth;total;52\ntotal;f;24\ntotal;m;31\ntotal;total;55\n";
    let found = fails(&format!("{header}{inner}{narrow}"));
    assert!(found.contains(&HIDDEN_CELLS), "{found:?}");
    // A chain: the row gives one cell, with which the column gives the next.
    let chain = "north;f;*\nnorth;m;31\nsouth;f;*\nsouth;m;*\nnorth;total;43\nsouth;total;52\ntotal;f;46\ntotal;m;49\n";
    assert_eq!(fails(&format!("{header}{chain}")), [HIDDEN_CELLS]);
}

#[test]
fn a_table_of_columns_with_a_total_is_solved() {
    // The rest of the total is a small count, too.
    let both = [SMALL_CELLS, HIDDEN_CELLS];
    assert_eq!(fails("alue;miehet;naiset;yhteensä\npohjoinen;<5;21;24\netelä;33;44;77\n"), both);
    assert_eq!(fails("alue;miehet;naiset;n\npohjoinen;..;21;24\netelä;33;44;77\n"), both);
    assert_eq!(fails("alue;miehet;naiset;yhteensä\npohjoinen;..;..;24\netelä;33;44;77\n"), NONE);
}

#[test]
fn another_file_gives_back_a_hidden_cell() {
    let by_sex = "region;sex;n\nnorth;f;<5\nnorth;m;21\nsouth;f;33\nsouth;m;44\n";
    let by_region = "region;n\nnorth;24\nsouth;77\n";
    assert_eq!(failing(&[("a.csv", by_sex), ("b.csv", by_region)]), [HIDDEN_CELLS]);
    // A table of other people.
    let other = "region;n\nnorth;29\nsouth;83\n";
    assert_eq!(failing(&[("a.csv", by_sex), ("b.csv", other)]), NONE);
    let hidden = "region;n\nnorth;<5\nsouth;40\neast;33\nwest;..\n";
    let shown = "region;n\nnorth;..\nsouth;40\neast;33\nwest;17\n";
    assert_eq!(failing(&[("a.csv", hidden), ("b.csv", shown)]), [HIDDEN_CELLS]);
}

#[test]
fn two_files_that_differ_by_few_persons_fail_and_are_named() {
    let files = [
        ("all.csv", "region;n\nnorth;20\nsouth;40\n"),
        ("only_adults.csv", "region;n\nnorth;19\nsouth;40\n"),
        ("other.csv", "kind;n\na;20\nb;41\n"),
    ];
    assert_eq!(failing(&files), [DIFFERENCING]);
    let checks = checks(&files, true);
    let evidence = &checks.iter().find(|check| check.name == DIFFERENCING).unwrap().evidence.en;
    assert!(evidence.contains("all.csv – only_adults.csv") && !evidence.contains("other.csv"), "{evidence}");
    let with_totals = [
        ("a.csv", "alue;lkm;tavoitettu\npohjoinen;20;11\netelä;40;21\nitä;30;13\nYhteensä;90;45\n"),
        ("b.csv", "alue;lkm;tavoitettu\npohjoinen;20;11\netelä;37;21\nitä;30;13\nYhteensä;87;45\n"),
    ];
    assert_eq!(failing(&with_totals), [DIFFERENCING]);
}

#[test]
fn two_years_of_one_table_pass() {
    let files = [
        ("2018.csv", "region;n\nnorth;20\nsouth;41\neast;33\nwest;57\n"),
        ("2019.csv", "region;n\nnorth;22\nsouth;38\neast;33\nwest;61\n"),
    ];
    assert_eq!(failing(&files), NONE);
    let hidden = [
        ("2018.csv", "region;n\nnorth;<5\nsouth;41\neast;33\nwest;57\n"),
        ("2019.csv", "region;n\nnorth;12\nsouth;38\neast;36\nwest;61\n"),
    ];
    assert_eq!(failing(&hidden), NONE);
}

#[test]
fn every_column_of_counts_is_judged() {
    for table in [
        "region;n;n_reached\nnorth;30;2\nsouth;40;20\n",
        "alue;kutsutut;tavoitetut\npohjoinen;30;3\netelä;40;20\n",
        "alue;vuosi;tavoitetut\npohjoinen;2019;3\netelä;2020;20\n",
        "region;men;women\nnorth;31;4\nsouth;40;22\n",
        "region;reached\nnorth;3 (1.7 %)\nsouth;40 (22.7 %)\n",
        "region;n (%)\nnorth;3 (1.7)\nsouth;40 (22.7)\n",
        "region;persons\nnorth;3\nsouth;40\n",
        // The rest of the base.
        "region;n;n_reached\nnorth;30;28\nsouth;40;20\n",
        "region;clients;clients_reached\nnorth;30;28\nsouth;40;20\n",
        "region;denominator;numerator\nnorth;30;28\nsouth;40;20\n",
        "region;reached\nnorth;28 (93.3 %)\nsouth;40 (50.0 %)\n",
        // A base and a share.
        "region;n;reached_pct\nnorth;30;6.7\nsouth;40;50.0\n",
        "alue;lkm;osuus\npohjoinen;30;6,7 %\netelä;40;50,0 %\n",
        "region;n;share\nnorth;30;0.067\nsouth;40;0.500\n",
        "region;n;n_reached;reached_pct\nnorth;30;..;6.7\nsouth;40;20;50.0\n",
        "region;n;reached_pct\nnorth;30;93.3\nsouth;40;50.0\n",
    ] {
        assert_eq!(fails(table), [SMALL_CELLS], "{table}");
    }
}

#[test]
fn dimensions_means_and_large_counts_are_no_small_counts() {
    for table in [
        "year;month;n\n2019;1;20\n2019;2;31\n2019;3;44\n",
        "ikäluokka;taso;lkm\n1;1;20\n1;2;31\n2;1;44\n2;2;51\n",
        "ålder;antal\n1;20\n2;31\n3;44\n",
        "region;n;mean_visits;median\nnorth;30;2;3\nsouth;40;3;2\n",
        "alue;tavoitetut\npohjoinen;30\netelä;40\n",
        "alue;miehet;naiset\npohjoinen;30;28\netelä;40;39\n",
        "region;2018;2019\nnorth;30;28\nsouth;41;39\n",
        "region;n;pct\nnorth;30;42.9\nsouth;40;57.1\n",
        "region;n;n_reached;reached_pct\nnorth;36;6;16.7\nsouth;40;20;50.0\n",
        "region;n;n_reached\nnorth;30;15\nsouth;40;20\n",
        "region;n (%)\nnorth;30 (42.9)\nsouth;40 (57.1)\n",
        "region;sex;n\nnorth;f;25\nnorth;m;30\nnorth;total;55\nsouth;f;0\nsouth;m;45\nsouth;total;45\n",
    ] {
        assert_eq!(fails(table), NONE, "{table}");
    }
}

#[test]
fn without_a_release_small_counts_warn_as_before() {
    let table = [("table.csv", "region;n\nnorth;3\nsouth;40\n")];
    let checks = checks(&table, false);
    assert!(checks.iter().any(|check| check.name == SMALL_CELLS && check.verdict == Verdict::Warn));
    assert!(checks.iter().all(|check| ![HIDDEN_CELLS, DIFFERENCING, CURVES].contains(&check.name)));
}

/// Returns rows of two classes of ten persons, and more of which everything is suppressed.
fn rows(suppressed: &str, times: usize) -> String {
    let young = "<50;f;81***;a\n<50;f;81***;b\n".repeat(5);
    let old = ">=50;m;81***;a\n>=50;m;81***;b\n".repeat(5);
    format!("age;sex;zip;dis\n{young}{old}{}", suppressed.repeat(times))
}

#[test]
fn wholly_suppressed_rows_are_not_measured() {
    for (suppressed, times) in [("*;*;*;*\n", 1), ("*;*;*;*\n", 40), ("*;*;*****;a\n", 2), (";..;*;b\n", 3)] {
        assert_eq!(fails(&rows(suppressed, times)), NONE, "{suppressed}");
    }
    let found = fails(&rows("*;f;*;*\n", 1));
    assert!(found.contains(&K_ANONYMITY) && found.contains(&SUBSETS), "{found:?}");
    assert_eq!(fails(&format!("age;sex;zip;dis\n{}", "*;*;*;*\n".repeat(3))), NONE);
}

#[test]
fn rows_of_persons_with_a_number_of_something_are_no_counts() {
    let young = "<50;f;1\n<50;f;2\n".repeat(5);
    let old = ">=50;m;0\n>=50;m;1\n".repeat(5);
    assert_eq!(fails(&format!("age;sex;n_visits\n{young}{old}")), NONE);
    let odd = fails(&format!("age;sex;n_visits\n{young}{old}>=50;f;7\n"));
    assert!(odd.contains(&K_ANONYMITY) && !odd.contains(&HIDDEN_CELLS), "{odd:?}");
}

#[test]
fn curves_that_can_be_inverted_fail() {
    for table in [
        // 63 persons and 3 events, 58 and 2, 55 and 4; persons rounded to 5.
        "time;n;survival;standard_error\n1;65;0.9524;0.0268\n2;60;0.9195;0.0345\n3;55;0.8527;0.0454\n",
        "aika;elossaolo;keskivirhe\n1;0,9524;0,0268\n2;0,9195;0,0345\n3;0,8527;0,0454\n",
        "time;n;survival\n1;63;0.9524\n2;58;0.9195\n3;55;0.8527\n",
        "time;n;survival\n1;63;95.24\n2;58;91.95\n3;55;85.27\n",
        "group;time;n;survival\na;1;50;0.90\na;2;45;0.90\nb;1;63;0.952\nb;2;58;0.920\n",
    ] {
        assert_eq!(fails(table), [CURVES], "{table}");
    }
}

#[test]
fn curves_with_two_decimals_pass() {
    for table in [
        "time;n;survival\n1;63;0.95\n2;58;0.92\n3;55;0.85\n",
        "time;n;events;survival\n1;65;5;0.92\n2;60;5;0.85\n3;55;5;0.77\n",
        // Persons rounded to 5, and so many that several numbers fit.
        "time;n;survival\n1;605;0.952\n2;560;0.920\n3;515;0.853\n",
        // So many persons that several numbers of events fit.
        "time;n;survival\n1;63011;0.952\n2;58040;0.920\n3;55002;0.853\n",
    ] {
        assert_eq!(fails(table), NONE, "{table}");
    }
}

#[test]
fn rounded_tables_pass() {
    let by_sex = "region;sex;n\nnorth;f;15\nnorth;m;25\nnorth;total;35\nsouth;f;5\nsouth;m;0\nsouth;total;10\n";
    let by_region = "region;n;n_reached\nnorth;40;15\nsouth;10;5\n";
    let again = "region;n;n_reached\nnorth;40;15\nsouth;5;5\n";
    assert_eq!(failing(&[("a.csv", by_sex), ("b.csv", by_region), ("c.csv", again)]), NONE);
}

#[test]
fn evidence_holds_no_label_and_no_small_count() {
    let files = [
        ("a.csv", "region;n;pct\nxsecretx;<5;4.1\nsouth;40;54.8\neast;30;41.1\nTotal;73;100\n"),
        ("b.csv", "region;n;pct\nxsecretx;..;4.1\nsouth;39;54.8\neast;30;41.1\nTotal;72;100\n"),
    ];
    let shown = serde_json::to_string(&checks(&files, true)).unwrap();
    for value in ["xsecretx", "south", "east", "Total", "73"] {
        assert!(!shown.contains(value), "{value}: {shown}");
    }
}

#[test]
fn every_text_is_in_every_language() {
    let files = [("a.csv", "region;n;pct\nnorth;<5;4.1\nsouth;40;54.8\neast;30;41.1\nTotal;73;100\n")];
    let checks = checks(&files, true);
    assert!(checks.iter().all(|check| !check.evidence.en.is_empty() && !check.evidence.fi.is_empty()));
}
