//! Common hash functions, each as a fast kernel for many short messages.

mod blake2;
mod blocks;
mod hash;
mod kind;
mod library;
mod md5;
mod short;
mod uuid;

pub(super) use self::hash::{Digest, Hash, LANES, write_hex};
pub(super) use self::kind::{Kind, Task};
