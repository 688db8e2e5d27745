//! The documents: every command of every page runs, in one world, and the pages list every key, reason and file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use salanimi::config::WarningCode;
use salanimi::config::raw::warnings::Threshold;
use salanimi_core::Reason;

use crate::judges::Judges;
use crate::stock_tools::are_there;

/// Sections with commands, by page and heading, in the order in which the parties of a study reach them. The output of
/// one section is the input of later ones.
const STUDY: [(&str, &str); 32] = [
    ("README.md", "Install"),
    ("README.md", "Follow a study, page by page"),
    ("docs/holder.md", "1. Make your keys"),
    ("docs/linker.md", "1. Make your keys"),
    ("docs/officer.md", "1. Make your keys"),
    ("docs/linker.md", "2. Complete the contract"),
    ("docs/officer.md", "2. Read the contract"),
    ("docs/holder.md", "2. Share the project key"),
    ("docs/holder.md", "3. Split the key, so that no one person can use it"),
    ("docs/holder.md", "4. Describe your source"),
    ("docs/holder.md", "5. Make the extract"),
    ("docs/holder.md", "6. Send a list of persons to another holder"),
    ("docs/holder.md", "7. Check your delivery"),
    ("docs/officer.md", "3. Check the deliveries"),
    ("docs/linker.md", "3. Link"),
    ("docs/linker.md", "4. Keep ids over several links"),
    ("docs/reference.md", "Open a delivery with other tools"),
    ("docs/researcher.md", "1. Look at the dataset"),
    ("docs/researcher.md", "2. Ask from a time zero"),
    ("docs/researcher.md", "4. Release results"),
    ("docs/researcher.md", "5. Check before you hand over"),
    ("docs/officer.md", "4. Check the linked dataset"),
    ("docs/officer.md", "5. Check the released tables"),
    ("docs/holder.md", "8. Destroy the keys"),
    ("docs/linker.md", "5. Destroy the keys"),
    ("docs/officer.md", "6. Check logs and certificates"),
    ("docs/officer.md", "7. Destroy your identity"),
    // Commands of developers: `.ci/run` runs the README's, readers run the others.
    ("README.md", "Try it"),
    ("CONTRIBUTING.md", "Build and test"),
    ("docs/benchmarks.md", "Extract and link"),
    ("docs/benchmarks.md", "Linkage without codes"),
    ("docs/benchmarks.md", "Dictionary attack"),
];

/// The page whose commands the tests of the wheel run.
const BY_THE_WHEEL: &str = "docs/spark.md";

/// Languages of blocks without commands.
const READ_ONLY: [&str; 3] = ["toml", "mermaid", "text"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap()
}

/// Every page, by its path from the root.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> = ["", "docs", "docs/decisions"].into_iter().flat_map(markdown_files).collect();
    pages.sort();
    pages
}

fn markdown_files(folder: &str) -> Vec<String> {
    let paths = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let markdown = paths.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    markdown.map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()).collect()
}

/// A fenced block of a page.
struct Block {
    section: String,
    language: String,
    text: String,
}

/// Returns the blocks of a page, in order.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut section = String::new();
    let mut inside = false;
    for line in read(page).lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                blocks.push(Block { section: section.clone(), language: language.to_owned(), text: String::new() });
            }
            None if inside => {
                let block = blocks.last_mut().unwrap();
                block.text += line;
                block.text.push('\n');
            }
            None if line.starts_with("##") => line.trim_start_matches('#').trim().clone_into(&mut section),
            None => {}
        }
    }
    assert!(!inside, "{page}: a block does not end");
    blocks
}

/// Returns the commands of a block; a line that ends in a backslash goes on.
fn commands(block: &Block) -> Vec<String> {
    block.text.replace("\\\n", " ").lines().map(str::to_owned).collect()
}

/// The folder in which all parties of the documents work, and the tools that this machine has.
struct Study {
    folder: tempfile::TempDir,
    judges: Option<Judges>,
    has_stock_tools: bool,
}

impl Study {
    fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for shared in ["config", "examples"] {
            std::os::unix::fs::symlink(root().join(shared), folder.path().join(shared)).unwrap();
        }
        Self { folder, judges: Judges::assemble(), has_stock_tools: are_there(&["age", "minisign"]) }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Runs a block and returns the number of commands of this program in it.
    fn follow(&self, block: &Block) -> usize {
        match block.language.as_str() {
            "sh" => commands(block).iter().filter(|command| self.run(command)).count(),
            "python" => {
                self.run_python(&block.text);
                0
            }
            other => panic!("a block of {other} among the commands"),
        }
    }

    /// Runs a command as a reader's shell does, if its tool is there. Returns true if it is one of this program.
    fn run(&self, command: &str) -> bool {
        let tool = command.split_whitespace().next().unwrap();
        match tool {
            "salanimi" | "printf" => assert!(!self.shell(command).is_empty(), "{command} prints nothing"),
            "age" | "minisign" | "umask" if self.has_stock_tools => drop(self.shell(command)),
            "sed" => drop(self.shell(command)),
            "python" => self.run_script(command),
            "age" | "minisign" | "umask" | "cargo" | ".ci/run" | "benches/whole" | "benches/linkage" => {}
            _ => panic!("{command}: the pages use no such tool elsewhere"),
        }
        tool == "salanimi"
    }

    fn shell(&self, command: &str) -> String {
        let binary = crate::world::program();
        let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(self.folder.path()).env("PATH", path);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `python SCRIPT ARGUMENT…` with the judges' packages.
    fn run_script(&self, command: &str) {
        let Some(judges) = &self.judges else { return };
        let mut python = judges.python();
        python.args(command.split_whitespace().skip(1)).current_dir(self.folder.path());
        let output = python.output().unwrap();
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs lines of Python that read a table into `rows`, then the query in their comment.
    fn run_python(&self, lines: &str) {
        let Some(judges) = self.judges.as_ref().filter(|_| self.has_stock_tools) else { return };
        let query = "import duckdb\nprint(duckdb.sql('SELECT count(*) FROM rows').fetchall()[0][0])\n";
        fs::write(self.path("open.py"), format!("{lines}\n{query}")).unwrap();
        let output = judges.python().arg("open.py").current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rows: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
        assert!(rows > 500, "{rows} rows");
    }
}

/// Blocks with commands, by page and section.
fn blocks_with_commands() -> BTreeMap<(String, String), Vec<Block>> {
    let mut sections: BTreeMap<(String, String), Vec<Block>> = BTreeMap::new();
    for page in pages().into_iter().filter(|page| page != BY_THE_WHEEL) {
        for block in blocks(&page) {
            if !READ_ONLY.contains(&block.language.as_str()) {
                sections.entry((page.clone(), block.section.clone())).or_default().push(block);
            }
        }
    }
    sections
}

#[test]
fn every_command_of_every_page_runs_in_the_order_of_a_study() {
    let mut sections = blocks_with_commands();
    let study = Study::begin();
    let mut run = 0;
    for (page, section) in STUDY {
        let blocks = sections.remove(&(page.to_owned(), section.to_owned()));
        let blocks = blocks.unwrap_or_else(|| panic!("{page} has no commands in '{section}'"));
        run += blocks.iter().map(|block| study.follow(block)).sum::<usize>();
    }
    assert!(sections.is_empty(), "no place in the study: {:?}", sections.keys());
    assert!(run > 50, "{run} commands");
    let manifest = fs::read_to_string(study.path("kela-1/manifest.json")).unwrap();
    assert!(manifest.contains("\"to\"") && study.path("kela-1/manifest.json.minisig").exists());
    assert!(study.path("linked/persons.parquet").exists() && study.path("linked.accounting.json").exists());
    assert!(!study.path("project.key").exists() && !study.path("linker.identity").exists());
}

#[test]
fn no_command_of_a_page_is_a_loop() {
    for (section, blocks) in blocks_with_commands() {
        for command in blocks.iter().flat_map(commands) {
            assert!(!["for ", "while ", "xargs "].iter().any(|word| command.contains(word)), "{section:?}: {command}");
        }
    }
}

#[test]
fn the_first_two_commands_of_the_readme_run_in_ci() {
    let ci = read(".ci/run").replace(" --locked", "");
    for command in ["cargo run --release -- demo --out ", "cargo test\n"] {
        assert!(read("README.md").contains(command) && ci.contains(command), "{command}");
    }
}

#[test]
fn every_toml_block_can_be_read() {
    for page in pages() {
        for block in blocks(&page).into_iter().filter(|block| block.language == "toml") {
            let read = toml::from_str::<toml::Table>(&block.text);
            assert!(read.is_ok(), "{page}, {}: {}", block.section, read.unwrap_err());
        }
    }
}

/// Private structures that mirror a configuration file or a section of one, by source file.
const PRIVATE_KEYS: [(&str, &[&str]); 2] = [
    ("src/config/words.rs", &["ColumnWords", "File", "TableSection", "BreakSection"]),
    ("src/study/tables/settings.rs", &["Keys", "LandmarkKeys"]),
];

/// Returns the keys of the configuration files: fields of the structures that mirror them.
fn configuration_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in ["contract", "holder", "linkage", "release/mod", "release/columns", "release/items"] {
        keys.extend(fields(&read(&format!("src/config/raw/{file}.rs")), "pub "));
    }
    for (file, structures) in PRIVATE_KEYS {
        let source = read(file).replace("    pub ", "    ");
        for structure in structures {
            let (_, rest) = source.split_once(&format!("struct {structure} {{\n")).unwrap();
            keys.extend(fields(rest.split_once("\n}").unwrap().0, ""));
        }
    }
    keys
}

/// Returns the keys of the fields in `source` that stand after `visibility`.
fn fields(source: &str, visibility: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut attribute = "";
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[serde") {
            attribute = line;
        } else if let Some((name, _)) = line.strip_prefix(visibility).and_then(|field| field.split_once(": ")) {
            if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                continue;
            }
            let renamed = attribute.strip_prefix("#[serde(rename = \"").and_then(|rest| rest.split_once('"'));
            let is_key = !attribute.contains("flatten") && !attribute.contains("skip");
            keys.extend(is_key.then(|| renamed.map_or(name, |(key, _)| key).to_owned()));
            attribute = "";
        }
    }
    keys
}

#[test]
fn the_page_on_configuration_explains_every_key() {
    let page = read("docs/configuration.md");
    let keys = configuration_keys();
    assert!(keys.len() > 70, "{} keys", keys.len());
    for key in keys {
        let forms = [format!("`{key}`"), format!("[{key}"), format!(".{key}")];
        assert!(forms.iter().any(|form| page.contains(form)), "`{key}` is not on the page");
    }
}

#[test]
fn the_reference_lists_every_reject_reason_warning_and_exit_code() {
    let page = read("docs/reference.md");
    for reason in Reason::ALL {
        assert!(page.contains(&format!("| `{}` |", reason.name())), "{reason}");
    }
    let warnings = page.split("## Warnings").nth(1).unwrap();
    for code in WarningCode::ALL {
        let row = warnings.lines().find(|line| line.starts_with(&format!("| `{}` |", code.name())));
        let row = row.unwrap_or_else(|| panic!("{} is not on the page", code.name()));
        let stated = |threshold: Option<f64>| {
            threshold.is_none_or(|number| number == 0.0 || row.contains(&format!(" {number} ")))
        };
        let Threshold { warn, stop } = code.default_threshold();
        assert!(stated(warn) && stated(stop), "{row}");
    }
    for code in 0..=5 {
        assert!(page.contains(&format!("| {code} |")), "exit code {code}");
    }
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for page in pages() {
        let folder = root().join(&page).parent().unwrap().to_owned();
        let text = read(&page);
        for target in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            if path.starts_with("http") {
                continue;
            }
            let file = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            assert!(file.exists(), "{page}: {target}");
            let is_there = heading.is_empty() || headings(&file).contains(heading);
            assert!(is_there, "{page}: {target} has no such heading");
        }
    }
}

/// Returns the anchors of a page's headings, as GitHub makes them.
fn headings(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).unwrap();
    let titles = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    titles.map(anchor).collect()
}

fn anchor(title: &str) -> String {
    let lower = title.to_lowercase().replace(' ', "-");
    lower.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect()
}
