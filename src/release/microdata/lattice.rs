//! Optimal search for the generalisation with the least loss of information.
//!
//! Every combination of levels is a node of a lattice. If the classes of a node are large and diverse enough, so are
//! those of every coarser one. A search along chains from fine to coarse therefore classifies all nodes and counts few
//! of them (Kohlmayer et al. 2012). Of the nodes that meet the rule, the search takes the one with the least loss. The
//! loss of a value is the share of the column's other values with the same generalised value (Iyengar 2002).

use std::cmp::Ordering;

use super::classes::Classes;

/// Rounding error of sums of shares.
const TOLERANCE: f64 = 1e-9;

/// A level for each quasi-identifier.
pub(super) type Node = Vec<usize>;

/// Rule for equivalence classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    /// Smallest number of rows of a class (k-anonymity).
    pub(super) k: u64,
    /// Smallest number of different values of each sensitive column in a class (l-diversity).
    pub(super) l: u32,
    /// Largest distance of a class's sensitive values from those of all rows (t-closeness).
    pub(super) max_t: f64,
}

/// The best node and its loss of information, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Solution {
    pub(super) node: Node,
    pub(super) loss: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Unknown,
    Meets,
    Fails,
}

/// Returns the node with the least loss that meets the rule, or `None` if none does. Of equal ones it has the lowest
/// levels.
pub(super) fn search(classes: &Classes, rule: Rule) -> Option<Solution> {
    let nodes = nodes(&classes.levels());
    let mut tags = vec![Tag::Unknown; nodes.len()];
    for start in 0..nodes.len() {
        if tags[start] == Tag::Unknown {
            tag_chain(classes, rule, &nodes, &mut tags, start);
        }
    }
    let meeting = nodes.into_iter().zip(tags).filter(|(_, tag)| *tag == Tag::Meets).map(|(node, _)| node);
    let mut meeting: Vec<Solution> = meeting.map(|node| Solution { loss: classes.loss(&node), node }).collect();
    meeting.sort_by(|a, b| a.loss.total_cmp(&b.loss).then_with(|| lower(&a.node, &b.node)));
    // Distances have no order among nodes.
    meeting.into_iter().find(|solution| classes.distance(&solution.node) <= rule.max_t + TOLERANCE)
}

fn lower(a: &Node, b: &Node) -> Ordering {
    (a.iter().sum::<usize>(), a).cmp(&(b.iter().sum::<usize>(), b))
}

/// Returns all nodes, the finest first.
fn nodes(levels: &[usize]) -> Vec<Node> {
    let mut nodes: Vec<Node> = vec![Vec::new()];
    for &of in levels {
        nodes = nodes.iter().flat_map(|node| (0..of).map(|level| [&node[..], &[level]].concat())).collect();
    }
    nodes.sort_by(lower);
    nodes
}

/// Classifies a chain of unknown nodes from `start` towards the coarsest, by bisection.
fn tag_chain(classes: &Classes, rule: Rule, nodes: &[Node], tags: &mut [Tag], start: usize) {
    let mut chain = vec![start];
    while let Some(next) =
        nodes_above(nodes, chain[chain.len() - 1], &classes.levels()).find(|&at| tags[at] == Tag::Unknown)
    {
        chain.push(next);
    }
    let mut low = 0;
    let mut high = chain.len();
    while low < high {
        let middle = low + (high - low) / 2;
        let node = &nodes[chain[middle]];
        let meets = classes.meets(node, rule.k, rule.l);
        for (other, tag) in nodes.iter().zip(tags.iter_mut()).filter(|(_, tag)| **tag == Tag::Unknown) {
            if meets && is_at_least(other, node) {
                *tag = Tag::Meets;
            } else if !meets && is_at_least(node, other) {
                *tag = Tag::Fails;
            }
        }
        if meets { high = middle } else { low = middle + 1 }
    }
}

/// Returns true if a node has in every column the level of `other` or a coarser one.
fn is_at_least(node: &Node, other: &Node) -> bool {
    node.iter().zip(other).all(|(level, other)| level >= other)
}

/// Returns the nodes one level above a node.
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
