//! The least generalisation that leaves everyone among enough people alike: an optimal search over all combinations of levels.
//!
//! Every combination is a node of a lattice. If a node leaves out too many rows, so does every finer one; if it does not, no
//! coarser one does. So a search along chains from fine to coarse finds out for all nodes whether they may be used, without
//! counting most of them (Kohlmayer et al. 2012). Of those that may, the one that loses least information is taken: the loss
//! of a value is the share of the column's other values that it could be as well (Iyengar 2002), a row that is left out loses
//! everything. What generalisation alone loses grows with every level, which bounds the loss from below.

use std::cmp::Ordering;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::classes::{Classes, Outcome};

/// By how much sums of shares may be off.
const ROUNDED: f64 = 1e-9;

/// A level for each quasi-identifier.
pub(super) type Node = Vec<usize>;

/// What people must have in common, and how much may be left out for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// The fewest rows that are alike.
    pub(super) k: u64,
    /// The fewest different values of each sensitive column among them.
    pub(super) l: u32,
    /// How far the sensitive values of those who are alike may be from those of all.
    pub(super) max_t: f64,
    /// The largest share of rows that may be left out.
    pub(super) max_suppressed: f64,
}

/// The best node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Best {
    pub(super) node: Node,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Unknown,
    Meets,
    Fails,
}

/// The node that loses least of those that meet the rule; of several, the one of the lowest levels. `None` if none does.
pub(super) fn search(classes: &Classes<'_>, rule: Rule) -> Option<Best> {
    let nodes = nodes(&classes.levels());
    let mut tags = vec![Tag::Unknown; nodes.len()];
    for start in 0..nodes.len() {
        if tags[start] == Tag::Unknown {
            tag_chain(classes, rule, &nodes, &mut tags, start);
        }
    }
    let meeting = nodes.into_iter().zip(tags).filter(|(_, tag)| *tag == Tag::Meets).map(|(node, _)| node);
    let mut meeting: Vec<(f64, Node)> = meeting.map(|node| (classes.generalisation_loss(&node), node)).collect();
    meeting.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| lower(&a.1, &b.1)));
    let mut best: Option<Best> = None;
    for some in meeting.chunks(rayon::current_num_threads().max(1)) {
        if best.as_ref().is_some_and(|best| some[0].0 > best.outcome.loss) {
            break;
        }
        // How far classes are from the whole follows no order among nodes, so it is asked of each.
        let evaluated = |(_, node): &(f64, Node)| {
            let close = classes.distance(node, rule.k, rule.l) <= rule.max_t + ROUNDED;
            close.then(|| Best { outcome: classes.outcome(node, rule.k, rule.l), node: node.clone() })
        };
        let found: Vec<Best> = some.par_iter().filter_map(evaluated).collect();
        best = found.into_iter().chain(best).min_by(better);
    }
    best
}

fn better(a: &Best, b: &Best) -> Ordering {
    a.outcome.loss.total_cmp(&b.outcome.loss).then_with(|| lower(&a.node, &b.node))
}

fn lower(a: &Node, b: &Node) -> Ordering {
    (a.iter().sum::<usize>(), a).cmp(&(b.iter().sum::<usize>(), b))
}

/// All nodes, the finest first.
fn nodes(levels: &[usize]) -> Vec<Node> {
    let mut nodes: Vec<Node> = vec![Vec::new()];
    for &of in levels {
        nodes = nodes.iter().flat_map(|node| (0..of).map(|level| [&node[..], &[level]].concat())).collect();
    }
    nodes.sort_by(lower);
    nodes
}

/// Finds, on a chain of unknown nodes from `start` towards the coarsest, where the first is that meets the rule.
fn tag_chain(classes: &Classes<'_>, rule: Rule, nodes: &[Node], tags: &mut [Tag], start: usize) {
    let mut chain = vec![start];
    while let Some(next) =
        nodes_above(nodes, chain[chain.len() - 1], &classes.levels()).find(|&at| tags[at] == Tag::Unknown)
    {
        chain.push(next);
    }
    let (mut low, mut high) = (0, chain.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let node = &nodes[chain[middle]];
        let suppressed = classes.outcome(node, rule.k, rule.l).suppressed;
        let meets = suppressed as f64 <= rule.max_suppressed * classes.rows() as f64;
        for (other, tag) in nodes.iter().zip(tags.iter_mut()).filter(|(_, tag)| **tag == Tag::Unknown) {
            let coarser = || other.iter().zip(node).all(|(a, b)| a >= b);
            let finer = || other.iter().zip(node).all(|(a, b)| a <= b);
            match meets {
                true if coarser() => *tag = Tag::Meets,
                false if finer() => *tag = Tag::Fails,
                _ => {}
            }
        }
        if meets { high = middle } else { low = middle + 1 }
    }
}

/// The nodes one level above a node.
fn nodes_above<'n>(nodes: &'n [Node], at: usize, levels: &[usize]) -> impl Iterator<Item = usize> + use<'n> {
    let node = nodes[at].clone();
    let raised: Vec<Node> = (0..node.len())
        .filter(|&column| node[column] + 1 < levels[column])
        .map(|column| {
            let mut above = node.clone();
            above[column] += 1;
            above
        })
        .collect();
    raised.into_iter().filter_map(move |above| nodes.binary_search_by(|node| lower(node, &above)).ok())
}
