//! What passes between the parties: manifests, deliveries, and the agreement that deliveries must reach.

mod agreement;
mod delivery;
mod folder;
mod linked;
mod manifest;

pub use agreement::{Agreed, Disagreement, History, agree};
pub use delivery::{Delivery, DeliveryError};
pub use folder::{FolderError, OutputFolder, remove_unfinished};
pub use linked::{Input, LINKED_FORMAT, LinkedManifest, LinkedTable};
pub use manifest::{
    ColumnEntry, DELIVERY_FORMAT, Filtered, Listed, Lists, MANIFEST, Manifest, OldCodesEntry, TableEntry, tool,
};
