//! Who runs the program, as the operating system has it.

/// The user's name, if the machine's own list of users has one, and number.
#[cfg(unix)]
pub(super) fn user() -> String {
    use std::os::unix::fs::MetadataExt;
    // The owner of a process's own entry is its effective user.
    let Ok(number) = std::fs::metadata("/proc/self").map(|process| process.uid().to_string()) else {
        return "unknown".to_owned();
    };
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name =
        named.filter(|fields| fields.get(2) == Some(&number.as_str())).find_map(|fields| fields.first().copied());
    name.map_or_else(|| number.clone(), |name| format!("{name} ({number})"))
}

#[cfg(not(unix))]
pub(super) fn user() -> String {
    "unknown".to_owned()
}
