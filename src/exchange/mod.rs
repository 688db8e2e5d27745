//! Exchange between the parties: manifests, deliveries, cohort lists, certificates, and the agreement of deliveries.

mod accounting;
mod agreement;
mod births;
mod certificate;
mod cohort_list;
mod coverage;
mod delivery;
mod delivery_builder;
mod delivery_error;
mod evidence;
mod folder;
mod job;
mod job_rows;
mod linkage;
mod linkage_persons;
mod linked;
mod listed;
mod manifest;
mod padding;
mod protection;
mod released;
mod rows;
mod signing;
mod statements;
mod strings;
mod undamaged;
mod warnings;

pub use accounting::{
    Accounting, ComparablePersons, Contradictions, Count, Imbalance, Overlap, Provision, ReferenceCount, TableAccount,
    accounting_path,
};
pub use agreement::{Disagreement, History, LastLinked, LinkableDeliveries, agree};
pub use certificate::{Certificate, DESTRUCTION_FORMAT, Destroyed, DestructionError, destroy_key};
pub use cohort_list::{COHORT_FORMAT, CohortHeader, CohortListError, ReceivedCohort, read_cohort, write_cohort};
pub use coverage::coverage;
pub use delivery::{Checked, Delivery, Envelope};
pub use delivery_builder::{DeliveryBuildError, DeliveryBuilder, FinishedDelivery};
pub use delivery_error::DeliveryError;
pub use evidence::{
    CodelessCount, CodelessGroup, Estimate, EvidenceAccount, EvidenceClass, EvidenceEffect, FAR_CLASSES, Outcomes,
    precision, precision_bound,
};
pub use folder::{FolderError, OutputFolder, refuse_inside_output};
pub use job::{Host, JOB_FOLDER, JobFileError, Statements, close_job, input_mark, read_job, write_job};
pub use job_rows::{JobRowsError, RowsFile, RowsFileWriter};
pub use linkage::{
    CODED, CODELESS, LINKAGE, LINKAGE_FILE, LinkageEntry, LinkageStatement, PADDING, STRATUM, TEMPORARY,
    linkage_fields, token_columns,
};
pub use linkage_persons::{LinkagePersonsError, check_linkage_persons, linkage_persons};
pub use linked::{Input, LinkedManifest, LinkedTable, PERSONS, omitted_tables};
pub use manifest::{
    Account, ColumnEntry, DELIVERY_FORMAT, Filtered, LINKED_FORMAT, ListCounts, Lists, MANIFEST, MANIFEST_DIGEST,
    Manifest, OldCodesEntry, Sealing, TableEntry, tool,
};
pub use padding::padded;
pub use protection::{certainty, cost_of_counts, cost_of_sums};
pub use released::{
    RELEASE_FORMAT, RegisterLine, RegisterPlace, ReleaseManifest, ReleasedCount, ReleasedDimension, ReleasedItem,
    ReleasedKind, ReleasedUnit, TOTAL, UNKNOWN,
};
pub use rows::{MAX_PERSON_ROWS, RowFault, RowRules};
pub use signing::{Signer, SigningError, signatory, signature_path};
pub use statements::{StatementError, check_linked_statements, check_statements};
pub use strings::holds_identity_code;
pub use warnings::{Level, Warning, judged, reasons_to_stop};
