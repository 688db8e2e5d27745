//! An extract that many processes make together, such as the tasks of a cluster.
//!
//! 1. One process starts an [`ExtractJob`]: the folder of the delivery, hidden until it is whole, with a job file.
//! 2. Any process that reaches the folder opens [`ExtractRows`], and pseudonymises rows. It leaves them in the folder,
//!    encrypted and apart by their part. At its end it states what it counted.
//! 3. The first process gathers these statements. For each part, a process then runs [`extract_part`]: it reads the
//!    rows of the part from all files, sorts and writes them, and states what it wrote.
//! 4. The first process gathers these statements too, and finishes the delivery.
//!
//! The rows, counts and digests are those of [`extract`](super::extract()). A task that fails may run again, and two
//! attempts may run side by side: only files whose statement came back enter the delivery.
//!
//! The key never travels. The job file has the paths of the key, the contract and the lists, and every process opens
//! them on its own host. It also has a random number. From it and the project key the processes derive the data key of
//! a sealed delivery, and the keys under which rows on their way and statements are encrypted: statements hold counts,
//! and nobody else may make one. The folder and the job file are readable by their owner alone, and the job file is
//! removed before the delivery is whole.

mod job;
mod job_file;
mod part;
mod rows;
mod statements;

pub use job::{ExtractJob, JobSource, JobTable};
pub use job_file::JobPaths;
pub use part::extract_part;
pub use rows::{ExtractRows, FILE_COLUMN, ROW_COLUMN};
