//! What tokens of several holders show side by side: which of their persons agree, and nothing else.

use rayon::slice::ParallelSliceMut;

use super::tokens::TokenTable;
use crate::exchange::Delivery;
use crate::text::Text;
use crate::verify::check::{Notes, Verdict};
use salanimi_core::{Id, Rule};

const MEETING: &str = "linkage.meeting";

/// Reports how many tokens of the holders meet.
pub(in crate::verify) fn check(deliveries: &[Delivery], notes: &mut Notes<'_>) {
    let with_tokens = deliveries.iter().filter(|delivery| delivery.account.linkage.is_some());
    // A table that cannot be read is reported by the checks of its delivery.
    let tables: Vec<(&Id, TokenTable)> = with_tokens
        .filter_map(|delivery| Some((&delivery.manifest.holder, TokenTable::read(delivery).ok()?)))
        .collect();
    let mut holders: Vec<&Id> = tables.iter().map(|(holder, _)| *holder).collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.len() < 2 {
        return;
    }
    let mut meeting = 0_u64;
    let mut largest = 0;
    for rule in Rule::ALL {
        let mut tokens: Vec<(u64, &Id)> = Vec::new();
        for (holder, table) in &tables {
            tokens.extend(table.of_rule(rule).iter().map(|token| (*token, *holder)));
        }
        tokens.par_sort_unstable();
        // Deliveries of one holder for different times have the same tokens of the same persons.
        tokens.dedup();
        for run in tokens.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1) {
            meeting += 1;
            largest = largest.max(run.len());
        }
    }
    let all: usize = tables.iter().map(|(_, table)| table.rows()).sum();
    let number = holders.len();
    let (verdict, evidence) = if largest > number {
        let warned = Text::new(
            format!("a token occurs {largest} times in deliveries of {number} holders; ask for new deliveries"),
            format!("token esiintyy {largest} kertaa {number} luovuttajan toimituksissa; pyydä uudet toimitukset"),
            format!("en token förekommer {largest} gånger i leveranser från {number} utlämnare; be om nya leveranser"),
        );
        (Verdict::Warn, warned)
    } else {
        let passed = Text::new(
            format!("{meeting} tokens meet among {all} rows of {number} holders, each at most once in a holder"),
            format!(
                "{meeting} tokenia kohtaa {number} luovuttajan {all} rivillä, kukin enintään kerran luovuttajaa kohti"
            ),
            format!(
                "{meeting} token möts bland {all} rader från {number} utlämnare, var och en högst en gång hos varje"
            ),
        );
        (Verdict::Pass, passed)
    };
    notes.note(MEETING, verdict, evidence);
}
