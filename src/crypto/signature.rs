//! Signatures in minisign's format: Ed25519 (RFC 8032) over the BLAKE2b-512 digest of a file, which the stock `minisign`
//! verifies. A signature file has four lines:
//!
//! ```text
//! untrusted comment: …
//! base64 of "ED" ‖ key number (8 bytes) ‖ signature of BLAKE2b-512(file)
//! trusted comment: …
//! base64 of the signature of (the signature above ‖ the trusted comment)
//! ```
//!
//! The key number of a salanimi key is its key id. Signing is deterministic, so the same file and key give the same bytes.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use blake2::{Blake2b512, Digest as _};
use data_encoding::BASE64;
use ed25519_dalek::Signer;
use minisign_verify::{PublicKey, StreamVerifier};
use serde::{Deserialize, Serialize};

use super::derive::signing_seed;
use super::digest::Absorb;
use super::key::{Key, SigningKey};
use super::key_id::KeyId;
use salanimi_core::Id;

/// What is added to a file's name for that of its signature, as `minisign` does.
pub const SIGNATURE_ENDING: &str = ".minisig";
/// The algorithm of a public key: Ed25519.
const KEY_ALGORITHM: &[u8; 2] = b"Ed";
/// The algorithm of a signature: Ed25519 over the BLAKE2b-512 digest.
const SIGNATURE_ALGORITHM: &[u8; 2] = b"ED";
/// No signature file is longer.
pub const MAX_SIGNATURE_BYTES: u64 = 4096;

/// A signing key of one study, ready to sign.
pub struct Signatory {
    pair: ed25519_dalek::SigningKey,
    id: KeyId,
}

impl Signatory {
    /// The key pair of `key` in `study`.
    #[must_use]
    pub fn new(key: &SigningKey, study: &Id) -> Self {
        Self { pair: ed25519_dalek::SigningKey::from_bytes(&signing_seed(key.material(), study)), id: key.id(study) }
    }

    /// The key's public name.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> VerifyingKey {
        let bytes = [KEY_ALGORITHM.as_slice(), &self.id.0, self.pair.verifying_key().as_bytes()].concat();
        // The bytes are of the form that is parsed.
        BASE64.encode(&bytes).parse().unwrap_or_else(|_| unreachable!("a key of this form is a public key"))
    }

    /// The public half as the text of a `minisign.pub` file.
    #[must_use]
    pub fn public_key_file(&self) -> String {
        format!("untrusted comment: salanimi signing key {}\n{}\n", self.id, self.public_key())
    }

    /// The text of the signature file of `message`; `comment`, one line, is signed too.
    #[must_use]
    pub fn sign(&self, message: &[u8], comment: &str) -> String {
        self.sign_digest(&Blake2b512::digest(message).into(), comment)
    }

    fn sign_digest(&self, digest: &[u8; 64], comment: &str) -> String {
        let signature = self.pair.sign(digest).to_bytes();
        let global = self.pair.sign(&[&signature, comment.as_bytes()].concat()).to_bytes();
        let line = [SIGNATURE_ALGORITHM.as_slice(), &self.id.0, &signature].concat();
        format!(
            "untrusted comment: signature of salanimi signing key {}\n{}\ntrusted comment: {comment}\n{}\n",
            self.id,
            BASE64.encode(&line),
            BASE64.encode(&global)
        )
    }
}

/// A message in the making, to be signed when it is whole.
#[derive(Default)]
pub struct Message(Blake2b512);

impl Absorb for Message {
    fn absorb(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

impl Message {
    /// The text of the signature file of all that was taken in.
    #[must_use]
    pub fn sign(self, signatory: &Signatory, comment: &str) -> String {
        signatory.sign_digest(&self.0.finalize().into(), comment)
    }
}

/// The public half of a signing key, written as minisign does: base64, `RW…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyingKey {
    text: String,
    key: PublicKey,
}

/// The text is no [`VerifyingKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public signing key is written RW… (56 characters, as salanimi key new --signing prints it)")]
pub struct VerifyingKeyError;

impl FromStr for VerifyingKey {
    type Err = VerifyingKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = PublicKey::from_base64(text).map_err(|_| VerifyingKeyError)?;
        Ok(Self { text: text.to_owned(), key })
    }
}

impl TryFrom<String> for VerifyingKey {
    type Error = VerifyingKeyError;

    fn try_from(text: String) -> Result<Self, VerifyingKeyError> {
        text.parse()
    }
}

impl From<VerifyingKey> for String {
    fn from(key: VerifyingKey) -> Self {
        key.text
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The file is no signature of minisign's.
    #[error("it is not a signature file of minisign")]
    Format,
    /// Another key made it.
    #[error("another key made it")]
    OtherKey,
    /// The key is right, but the bytes or the signature were changed.
    #[error("it is not the signature of these bytes: one or the other was changed")]
    Wrong,
}

impl From<minisign_verify::Error> for SignatureError {
    fn from(error: minisign_verify::Error) -> Self {
        match error {
            minisign_verify::Error::UnexpectedKeyId => Self::OtherKey,
            minisign_verify::Error::InvalidSignature => Self::Wrong,
            _ => Self::Format,
        }
    }
}

/// A signature file, read.
pub struct Signature(minisign_verify::Signature);

impl Signature {
    /// Reads the text of a signature file.
    ///
    /// # Errors
    /// [`SignatureError::Format`].
    pub fn decode(bytes: &[u8]) -> Result<Self, SignatureError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SignatureError::Format)?;
        Ok(Self(minisign_verify::Signature::decode(text)?))
    }
}

impl VerifyingKey {
    /// Checks that `signature` is this key's, over `message`.
    ///
    /// # Errors
    /// Another key made it, or the message is another.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        Ok(self.key.verify(message, &signature.0, false)?)
    }

    /// Whether both keys have the same number, by which signatures name their key.
    #[must_use]
    pub fn has_number_of(&self, other: &Self) -> bool {
        let number = |key: &Self| BASE64.decode(key.text.as_bytes()).ok().map(|bytes| bytes[2..10].to_vec());
        number(self) == number(other)
    }

    /// Whether `signature` says that this key made it.
    #[must_use]
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        self.key.verify_stream(&signature.0).is_ok()
    }

    /// Reads `inner` through, to say at the end whether `signature` is this key's over all of it.
    ///
    /// # Errors
    /// The signature says that another key made it.
    pub fn read<'a, R: Read>(
        &'a self,
        inner: R,
        signature: &'a Signature,
    ) -> Result<SignedReader<'a, R>, SignatureError> {
        Ok(SignedReader { inner, verifier: self.key.verify_stream(&signature.0)? })
    }
}

/// Passes on what it reads and takes it in, to be verified when all is read.
pub struct SignedReader<'a, R> {
    inner: R,
    verifier: StreamVerifier<'a>,
}

impl<R: Read> Read for SignedReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.verifier.update(&buffer[..read]);
        Ok(read)
    }
}

impl<R: Read> SignedReader<'_, R> {
    /// Reads to the end and says whether the signature holds.
    ///
    /// # Errors
    /// The rest cannot be read; or, inside, the signature does not hold.
    pub fn finish(mut self) -> io::Result<Result<(), SignatureError>> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.verifier.finalize().map_err(SignatureError::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatory(byte: u8) -> Signatory {
        Signatory::new(&SigningKey::from_bytes([byte; 32]), &Id::new("toituavain").unwrap())
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_key_alone() {
        let (ours, other) = (signatory(1), signatory(2));
        let text = ours.sign(b"message", "delivery 1");
        let signature = Signature::decode(text.as_bytes()).unwrap();
        let key = ours.public_key();
        assert_eq!(key.verify(b"message", &signature), Ok(()));
        assert_eq!(key.verify(b"massage", &signature), Err(SignatureError::Wrong));
        assert_eq!(other.public_key().verify(b"message", &signature), Err(SignatureError::OtherKey));
        let commented = text.replace("delivery 1", "delivery 2");
        let commented = Signature::decode(commented.as_bytes()).unwrap();
        assert_eq!(key.verify(b"message", &commented), Err(SignatureError::Wrong));
        assert_eq!(text, ours.sign(b"message", "delivery 1"));
    }

    #[test]
    fn every_changed_character_of_a_signature_is_noticed() {
        let ours = signatory(1);
        let text = ours.sign(b"message", "delivery 1");
        let untrusted = text.find('\n').unwrap();
        let key = ours.public_key();
        for at in untrusted..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let holds = Signature::decode(&changed).is_ok_and(|signature| key.verify(b"message", &signature).is_ok());
            // The end of the last line is not part of what it says.
            assert!(!holds || at + 1 == text.len(), "byte {at}");
        }
    }

    #[test]
    fn a_stream_is_signed_and_verified_as_its_bytes_are() {
        let (ours, message) = (signatory(1), vec![7; 100_000]);
        let mut whole = Message::default();
        message.chunks(999).for_each(|chunk| whole.absorb(chunk));
        let text = whole.sign(&ours, "list");
        assert_eq!(text, ours.sign(&message, "list"));
        let (signature, key) = (Signature::decode(text.as_bytes()).unwrap(), ours.public_key());
        assert_eq!(key.read(message.as_slice(), &signature).unwrap().finish().unwrap(), Ok(()));
        assert_eq!(key.read(&message[1..], &signature).unwrap().finish().unwrap(), Err(SignatureError::Wrong));
        assert!(signatory(2).public_key().read(message.as_slice(), &signature).is_err());
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written() {
        let key = signatory(1).public_key();
        assert!(key.to_string().starts_with("RW") && key.to_string().len() == 56);
        assert_eq!(key.to_string().parse(), Ok(key));
        for bad in ["", "RW", "age1", &"A".repeat(56)] {
            assert_eq!(bad.parse::<VerifyingKey>(), Err(VerifyingKeyError), "{bad}");
        }
    }
}
