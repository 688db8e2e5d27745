//! Names of the checks that several files here make.

pub(super) const MANIFEST_READ: &str = "integrity.manifest";
pub(super) const FILES: &str = "integrity.files";
pub(super) const STATEMENTS: &str = "integrity.statements";
pub(super) const CONTENTS: &str = "integrity.contents";
pub(super) const AGREEMENT: &str = "integrity.agreement";
