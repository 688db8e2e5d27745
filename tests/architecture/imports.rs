//! Paths that a file uses, and the files that define what the paths name.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::source::Source;

/// Returns every path that begins with `crate::`, `super::` or `self::`, in absolute form.
pub fn imports(source: &Source) -> BTreeSet<String> {
    let code = source.code();
    let mut paths = BTreeSet::new();
    let uses = Regex::new(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?use ([^;']+);").unwrap();
    for found in uses.captures_iter(&code) {
        expand("", &found[1], &mut paths);
    }
    let inline = Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").unwrap();
    paths.extend(
        uses.replace_all(&code, "")
            .as_ref()
            .lines()
            .flat_map(|line| inline.find_iter(line).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()),
    );
    paths.iter().filter_map(|path| absolute(&module_path(&source.name), path)).collect()
}

/// Expands the braces of a `use`.
fn expand(before: &str, tree: &str, paths: &mut BTreeSet<String>) {
    let tree = tree.trim();
    match tree.find('{') {
        None => {
            let name = tree.split(" as ").next().unwrap().trim();
            paths.insert(format!("{before}{name}").trim_end_matches("::self").to_owned());
        }
        Some(open) => {
            let before = format!("{before}{}", tree[..open].trim());
            let inner = &tree[open + 1..tree.rfind('}').unwrap()];
            let mut depth = 0;
            let mut start = 0;
            for (at, c) in inner.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        expand(&before, &inner[start..at], paths);
                        start = at + 1;
                    }
                    _ => {}
                }
            }
            if !inner[start..].trim().is_empty() {
                expand(&before, &inner[start..], paths);
            }
        }
    }
}

/// The module of a file, such as `["link", "merge"]`.
fn module_path(name: &str) -> Vec<String> {
    let below = name.split_once("src/").unwrap().1.trim_end_matches(".rs");
    let mut path: Vec<String> = below.split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        path.pop();
    }
    path
}

fn absolute(module: &[String], path: &str) -> Option<String> {
    let mut segments = path.split("::");
    let mut resolved: Vec<String> = match segments.next()? {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        _ => return None,
    };
    for segment in segments {
        match segment {
            "super" => drop(resolved.pop()),
            other => resolved.push(other.to_owned()),
        }
    }
    Some(format!("crate::{}", resolved.join("::")))
}

/// Returns the files that define what `source` uses. A folder's file that only re-exports is looked through.
pub fn files_used(source: &Source, sources: &[Source]) -> BTreeSet<String> {
    let root = source.name.split_once("src/").unwrap().0;
    let by_module: BTreeMap<Vec<String>, &Source> = sources
        .iter()
        .filter(|other| other.name.starts_with(&format!("{root}src/")))
        .map(|other| (module_path(&other.name), other))
        .collect();
    let mut used = BTreeSet::new();
    for path in imports(source) {
        let segments: Vec<String> = path.split("::").skip(1).map(str::to_owned).collect();
        if let Some(file) = defining(&segments, &by_module, 0) {
            used.insert(file.name.clone());
        }
    }
    used.remove(&source.name);
    used
}

fn defining<'s>(
    segments: &[String],
    by_module: &BTreeMap<Vec<String>, &'s Source>,
    depth: usize,
) -> Option<&'s Source> {
    let length = (0..=segments.len()).rev().find(|length| by_module.contains_key(&segments[..*length]))?;
    let file = by_module[&segments[..length]];
    let Some(item) = segments.get(length) else {
        // The module itself: what is used of it follows in other paths, or it declares and re-exports only.
        return (!file.name.ends_with("mod.rs")).then_some(file);
    };
    let module = &segments[..length];
    for path in imports(file) {
        let reexported: Vec<String> = path.split("::").skip(1).map(str::to_owned).collect();
        if depth < 4 && reexported.last() == Some(item) && reexported.len() > module.len() + 1 {
            return defining(&reexported, by_module, depth + 1);
        }
    }
    // `pub use child::Item` names the child without `self`.
    let child = Regex::new(&format!(r"(?s)\buse (?:self::)?(\w+)::[^;]*\b{item}\b")).unwrap();
    if let Some(found) = child.captures(&file.code()) {
        let mut path = module.to_vec();
        path.push(found[1].to_owned());
        if by_module.contains_key(&path) && depth < 4 {
            path.push(item.clone());
            return defining(&path, by_module, depth + 1);
        }
    }
    Some(file)
}

/// Returns the rings of a graph: sets of files that reach each other.
pub fn rings(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> = graph.keys().map(|file| (file, reachable(graph, file))).collect();
    let mut rings: Vec<BTreeSet<String>> = Vec::new();
    for (file, reached) in &reach {
        let ring: BTreeSet<String> =
            reached.iter().filter(|other| reach[**other].contains(*file)).map(|other| (*other).clone()).collect();
        if reached.contains(*file) && !rings.contains(&ring) {
            rings.push(ring);
        }
    }
    rings
}

fn reachable<'g>(graph: &'g BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'g String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&String> = graph[from].iter().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(&graph[file]);
        }
    }
    reached
}

#[test]
fn braces_and_relative_paths_are_resolved() {
    let text = "use super::{merge::{Input, Slice}, error};\nfn a() { crate::table::write(); }\n".to_owned();
    let source = Source { name: "src/link/run.rs".to_owned(), text };
    let expected =
        ["crate::link::error", "crate::link::merge::Input", "crate::link::merge::Slice", "crate::table::write"];
    assert_eq!(imports(&source).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_ring_is_found() {
    let edge = |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|t| (*t).to_owned()).collect());
    let graph = BTreeMap::from([edge("a", &["b"]), edge("b", &["c"]), edge("c", &["b"]), edge("d", &["a"])]);
    let ring = BTreeSet::from(["b".to_owned(), "c".to_owned()]);
    assert_eq!(rings(&graph), [ring]);
}
