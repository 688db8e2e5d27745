//! Whether what was found is more than chance gives.

use std::collections::HashMap;

use super::super::check::{Table, Verdict};
use super::super::statistics::at_least;
use super::found::Finding;
use super::kind::{Kind, Rule};
use crate::text::Text;

/// Hits that chance gives with less than this probability, in any of the tests together, fail.
const FAILS_BELOW: f64 = 1e-3;
/// Numbers warn only where chance gives as many hits with less than this probability.
const SUSPICIOUS_BELOW: f64 = 0.01;
/// So many different names are no accident, even where most of a column's are not listed.
const MANY_NAMES: u64 = 60;
/// Findings that are listed.
const MOST_LISTED: usize = 40;

/// A finding and what it comes to.
pub(super) struct Judged {
    pub finding: Finding,
    pub verdict: Verdict,
}

/// Judges what was found, together: the more was tested, the less chance proves.
pub(super) fn judge(findings: Vec<Finding>) -> Vec<Judged> {
    let pools = [pool(&findings, |f| f.place.clone()), pool(&findings, |f| f.kind.words().en)];
    let shaped = findings.iter().filter(|f| chance(f.kind).is_some() && f.shaped > 0).count();
    let tests = (shaped + pools.iter().map(HashMap::len).sum::<usize>()) as f64;
    let beyond = |hits, shaped, chance| at_least(hits, shaped, chance) * tests < FAILS_BELOW;
    let judged = findings.into_iter().map(|finding| {
        let keys = [finding.place.clone(), finding.kind.words().en];
        let sums = pools.iter().zip(&keys).filter_map(|(pool, key)| pool.get(key)).filter(|_| is_pooled(finding.kind));
        let pooled = sums.into_iter().any(|(hits, shaped)| beyond(*hits, *shaped, 1.0 / 31.0));
        let verdict = match finding.kind.rule() {
            _ if finding.hits == 0 => Verdict::Pass,
            Rule::Chance(chance) if pooled || beyond(finding.hits, finding.shaped, chance) => Verdict::Fail,
            // Long numbers and columns of three digits and a letter are common, and few of them are codes.
            Rule::Chance(chance)
                if matches!(finding.kind, Kind::Number | Kind::Split) && !suspicious(&finding, chance) =>
            {
                Verdict::Pass
            }
            Rule::Count(fails) if finding.hits >= fails => Verdict::Fail,
            Rule::Chance(_) | Rule::Count(_) | Rule::Warns => Verdict::Warn,
            Rule::Share { hits, share, features, sure } => of_share(&finding, hits, share, features, sure),
        };
        Judged { finding, verdict }
    });
    judged.collect()
}

fn suspicious(finding: &Finding, chance: f64) -> bool {
    at_least(finding.hits, finding.shaped, chance) < SUSPICIOUS_BELOW
}

fn of_share(finding: &Finding, hits: u64, share: f64, features: u32, sure: u32) -> Verdict {
    let has_share = |share: f64| finding.hits as f64 >= share * finding.shaped as f64;
    let varies = match finding.kind {
        Kind::PlateCell => u64::from(finding.features) >= (finding.hits / 2).min(20),
        _ => true,
    };
    let many = matches!(finding.kind, Kind::FirstName | Kind::Surname) && finding.hits >= MANY_NAMES && has_share(0.05);
    let fails = finding.hits >= hits && has_share(share) && finding.features >= features && varies;
    match fails || many && finding.features >= features {
        true if finding.features < sure => Verdict::Warn,
        true => Verdict::Fail,
        false if finding.kind == Kind::PhoneCell && has_share(share) => Verdict::Warn,
        false => Verdict::Pass,
    }
}

fn chance(kind: Kind) -> Option<f64> {
    match kind.rule() {
        Rule::Chance(chance) => Some(chance),
        _ => None,
    }
}

/// Disguises that few strings have by their shape alone, so that their counts can be added up.
fn is_pooled(kind: Kind) -> bool {
    matches!(kind.check(), "residue.identity_codes" | "residue.disguised") && kind != Kind::Signless
}

/// Hits and shaped strings of the pooled kinds by `key`, where it brings several findings together.
fn pool(findings: &[Finding], key: impl Fn(&Finding) -> String) -> HashMap<String, (u64, u64)> {
    let mut sums: HashMap<String, (u64, u64, usize)> = HashMap::new();
    for finding in findings.iter().filter(|f| is_pooled(f.kind) && f.shaped > 0) {
        let sum = sums.entry(key(finding)).or_default();
        *sum = (sum.0 + finding.hits, sum.1 + finding.shaped, sum.2 + 1);
    }
    let several = sums.into_iter().filter(|(_, (_, _, count))| *count > 1);
    several.map(|(key, (hits, shaped, _))| (key, (hits, shaped))).collect()
}

/// The worst verdict.
pub(super) fn worst(judged: &[&Judged]) -> Verdict {
    judged.iter().map(|one| one.verdict).max().unwrap_or(Verdict::Pass)
}

/// What was found, in rows, the worst first; none if nothing was.
pub(super) fn table(judged: &[&Judged]) -> Option<Table> {
    let mut found: Vec<&&Judged> = judged.iter().filter(|one| one.verdict > Verdict::Pass).collect();
    found.sort_by_key(|one| std::cmp::Reverse((one.verdict, one.finding.hits)));
    let left_out = found.len().saturating_sub(MOST_LISTED);
    let caption = match left_out {
        0 => Text::new("What was found, never a value", "Mitä löytyi; arvoja ei koskaan näytetä"),
        more => Text::new(
            format!("What was found, never a value; {more} more places are left out"),
            format!("Mitä löytyi; arvoja ei koskaan näytetä. {more} kohtaa on jätetty pois"),
        ),
    };
    let headings = [
        ("Where", "Missä"),
        ("What", "Mitä"),
        ("Different ones", "Eri arvoja"),
        ("Expected by chance", "Sattumalta odotettavissa"),
        ("First rows", "Ensimmäiset rivit"),
    ];
    let rows: Vec<_> = found.iter().take(MOST_LISTED).map(|one| row(&one.finding)).collect();
    let headings = headings.map(|(en, fi)| Text::new(en, fi)).to_vec();
    (!rows.is_empty()).then_some(Table { caption, headings, rows })
}

fn row(finding: &Finding) -> Vec<Text> {
    let expected = chance(finding.kind).map_or_else(
        || Text::same("–"),
        |chance| {
            let expected = format!("{:.1}", finding.shaped as f64 * chance);
            let fi = expected.replace('.', ",");
            let shaped = finding.shaped;
            Text::new(format!("{expected} of {shaped} of the shape"), format!("{fi}, kun muotoisia on {shaped}"))
        },
    );
    let rows: Vec<String> = finding.rows.iter().map(u64::to_string).collect();
    let rows = if rows.is_empty() || rows == ["0"] { "–".to_owned() } else { rows.join(", ") };
    vec![
        Text::same(finding.place.clone()),
        finding.kind.words(),
        Text::same(finding.hits.to_string()),
        expected,
        Text::same(rows),
    ]
}
