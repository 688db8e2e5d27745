//! The user who runs the program, according to the operating system.

/// Shown if the operating system does not show the user.
const UNKNOWN: &str = "unknown";

/// Returns the user's number, after the name if the machine's own list of users has one.
#[cfg(unix)]
pub(super) fn user() -> String {
    use std::os::unix::fs::MetadataExt;
    // The owner of a process's own entry is its effective user.
    let Ok(process) = std::fs::metadata("/proc/self") else {
        return UNKNOWN.to_owned();
    };
    let number = process.uid().to_string();
    match std::fs::read_to_string("/etc/passwd").ok().and_then(|users| name(&users, &number)) {
        Some(name) => format!("{name} ({number})"),
        None => number,
    }
}

/// Returns the name of the user with this number in the text of `/etc/passwd`.
#[cfg(unix)]
fn name(users: &str, number: &str) -> Option<String> {
    let mut users = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    users.find(|fields| fields.get(2) == Some(&number)).map(|fields| fields[0].to_owned())
}

#[cfg(not(unix))]
pub(super) fn user() -> String {
    UNKNOWN.to_owned()
}
