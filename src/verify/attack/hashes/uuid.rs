//! UUIDs that are made from a hash.

use super::blocks::Sha1;
use super::hash::{Digest, Hash};
use super::md5::Md5;
use crate::verify::attack::message::Padded;

/// Implements a UUID that is made from a hash (RFC 9562, sections 5.3 and 5.5), without HMAC.
macro_rules! uuid {
    ($name:ident, $hash:ident, $version:literal) => {
        pub(in crate::verify::attack) struct $name;

        impl Hash for $name {
            const WIDTH: usize = 16;
            const BLOCK: usize = 0;
            type State = <$hash as Hash>::State;

            fn start() -> Self::State {
                $hash::start()
            }

            fn absorb(_: &mut Self::State, _: &[u8]) {}

            fn pad(message: &mut Padded, before: usize) {
                $hash::pad(message, before);
            }

            #[inline]
            fn finish(state: &Self::State, messages: &[Padded], digests: &mut [Digest]) {
                $hash::finish(state, messages, digests);
                for digest in digests {
                    digest[6] = digest[6] & 0x0f | $version << 4;
                    digest[8] = digest[8] & 0x3f | 0x80;
                }
            }
        }
    };
}

uuid!(UuidV3, Md5, 3);
uuid!(UuidV5, Sha1, 5);
