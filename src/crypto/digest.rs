use std::fmt;
use std::io::{self, Write};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest (FIPS 180-4), written in hexadecimal. Of files and contracts, never of an identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 hexadecimal digits: enough for a person to tell two digests apart.
    #[must_use]
    pub fn short(&self) -> String {
        HEXLOWER.encode(&self.0[..6])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or("a digest is 64 hexadecimal digits")
    }
}

/// A SHA-256 digest in the making.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Takes in `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was taken in.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// What takes in bytes one part after another.
pub trait Absorb {
    /// Takes in `bytes`.
    fn absorb(&mut self, bytes: &[u8]);
}

impl Absorb for Hasher {
    fn absorb(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Passes bytes on to a writer and lets `H` take in those that were written.
pub struct HashingWriter<W, H> {
    inner: W,
    hasher: H,
}

impl<W: Write, H: Absorb> HashingWriter<W, H> {
    /// Writes to `inner`.
    pub fn new(inner: W, hasher: H) -> Self {
        Self { inner, hasher }
    }

    /// The writer, and what took in all that went through.
    pub fn into_parts(self) -> (W, H) {
        (self.inner, self.hasher)
    }
}

impl<W: Write, H: Absorb> Write for HashingWriter<W, H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.absorb(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
