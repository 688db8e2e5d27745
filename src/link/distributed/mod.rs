//! A link that many processes make together, such as the tasks of a cluster.
//!
//! 1. One process starts a [`LinkJob`]: it checks the deliveries, and creates the folder of the dataset, hidden until
//!    it is whole, with a job file.
//! 2. For each range of the pseudonym, a process runs [`link_range`]: it merges the persons of that range from all
//!    deliveries, and writes their linked rows, encrypted, into the folder. It states what it counted.
//! 3. The first process gathers these statements. For each part, a range of the linked id, a process then runs
//!    [`link_part`]: it reads the rows of the part from all files, sorts and writes them, and states what it wrote.
//! 4. The first process gathers these statements too, joins the parts of each table to one file, and stages the
//!    dataset.
//!
//! The rows, counts and tables are those of [`link`](super::link()). A task that fails may run again, and two attempts
//! may run side by side: only files whose statement came back enter the dataset. Rows pass between the processes
//! through the folder alone, never through the cluster's own exchange.
//!
//! The link key never travels. The job file has its path, and every process opens it on its own host. It also has a
//! random number. From it and the link key the processes derive the keys of the rows and of the statements.

mod job;
mod job_file;
mod part;
mod range;
mod statements;

pub use job::LinkJob;
pub use job_file::LinkPaths;
pub use part::link_part;
pub use range::link_range;
