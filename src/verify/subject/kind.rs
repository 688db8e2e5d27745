//! Kinds of subjects.

/// Kind of a verified folder or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A delivery of this tool that passed its checks and is open.
    Delivery,
    /// A delivery that is sealed and has no matching key, or that failed a check.
    ClosedDelivery,
    /// A linked dataset of this tool.
    Linked,
    /// Tables released by this tool.
    Released,
    /// Any other folder or file.
    Tables,
}
