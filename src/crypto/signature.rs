//! Signatures in minisign's format: Ed25519 (RFC 8032) over the BLAKE2b-512 digest (RFC 7693) of a file.
//!
//! The stock `minisign` verifies them. A signature file has four lines:
//!
//! ```text
//! untrusted comment: …
//! base64 of "ED" ‖ key number (8 bytes) ‖ signature of BLAKE2b-512(file)
//! trusted comment: …
//! base64 of the signature of (the signature above ‖ the trusted comment)
//! ```
//!
//! The key number of a salanimi key is its key id. Signing is deterministic: the same file and key give the same bytes.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use blake2b_simd::blake2b;
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::Signer;
use minisign_verify::{PublicKey, StreamVerifier};
use serde::{Deserialize, Serialize};

use super::digest::IncrementalHash;
use salanimi_core::{Id, Key, KeyId, SigningKey};

/// Ending that a signature file adds to the name of its file, as in `minisign`.
pub const SIGNATURE_ENDING: &str = ".minisig";
/// Algorithm of a public key: Ed25519.
const KEY_ALGORITHM: &[u8; 2] = b"Ed";
/// Algorithm of a signature: Ed25519 over the BLAKE2b-512 digest.
const SIGNATURE_ALGORITHM: &[u8; 2] = b"ED";
/// Start of a signature file.
const UNTRUSTED: &str = "untrusted comment: ";
/// Untrusted comment of this tool, before the key id.
const COMMENT: &str = "signature of salanimi signing key ";
/// Untrusted comment of the stock `minisign`.
const STOCK_COMMENT: &str = "signature from minisign secret key";
/// Length of the longest signature file, in bytes.
pub const MAX_SIGNATURE_BYTES: u64 = 4096;

/// Key pair of a signing key in one study.
pub struct Signatory {
    pair: ed25519_dalek::SigningKey,
    id: KeyId,
}

impl Signatory {
    /// Derives the key pair of `key` in `study`.
    #[must_use]
    pub fn new(key: &SigningKey, study: &Id) -> Self {
        Self { pair: ed25519_dalek::SigningKey::from_bytes(&key.seed(study)), id: key.id(study) }
    }

    /// Returns the key id.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// Returns the public half.
    #[must_use]
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "the text is written in the parsed form")]
    pub fn public_key(&self) -> VerifyingKey {
        let bytes = [KEY_ALGORITHM.as_slice(), self.id.as_bytes(), self.pair.verifying_key().as_bytes()].concat();
        BASE64.encode(&bytes).parse().expect("a key in this form is a public key")
    }

    /// Returns the public half as the text of a `minisign.pub` file.
    #[must_use]
    pub fn public_key_file(&self) -> String {
        format!("untrusted comment: salanimi signing key {}\n{}\n", self.id, self.public_key())
    }

    /// Signs `message` and `comment`, which has one line. Returns the text of the signature file.
    #[must_use]
    pub fn sign(&self, message: &[u8], comment: &str) -> String {
        self.sign_digest(blake2b(message).as_array(), comment)
    }

    fn sign_digest(&self, digest: &[u8; 64], comment: &str) -> String {
        let signature = self.pair.sign(digest).to_bytes();
        let global = self.pair.sign(&[&signature, comment.as_bytes()].concat()).to_bytes();
        let line = [SIGNATURE_ALGORITHM.as_slice(), self.id.as_bytes(), &signature].concat();
        format!(
            "{UNTRUSTED}{COMMENT}{}\n{}\ntrusted comment: {comment}\n{}\n",
            self.id,
            BASE64.encode(&line),
            BASE64.encode(&global)
        )
    }
}

/// Incremental BLAKE2b-512 digest of a message, for signing at the end.
#[derive(Default)]
pub struct MessageHasher(blake2b_simd::State);

impl IncrementalHash for MessageHasher {
    fn absorb(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

impl MessageHasher {
    /// Signs the whole message and `comment`. Returns the text of the signature file.
    #[must_use]
    pub fn sign(self, signatory: &Signatory, comment: &str) -> String {
        signatory.sign_digest(self.0.finalize().as_array(), comment)
    }
}

/// Public half of a signing key, written like minisign: base64, `RW…`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerifyingKey {
    text: String,
    /// Number of the key.
    number: Vec<u8>,
    /// Ed25519 public key.
    point: Vec<u8>,
    key: PublicKey,
}

/// Error for a text that is not a [`VerifyingKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public signing key is written RW… (56 characters, as salanimi key new --signing prints it)")]
pub struct VerifyingKeyError;

impl FromStr for VerifyingKey {
    type Err = VerifyingKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let key = PublicKey::from_base64(text).map_err(|_| VerifyingKeyError)?;
        let bytes = BASE64.decode(text.as_bytes()).map_err(|_| VerifyingKeyError)?;
        // After the two bytes of the algorithm.
        let (number, point) = bytes.get(2..).and_then(|bytes| bytes.split_at_checked(8)).ok_or(VerifyingKeyError)?;
        let ed25519 = ed25519_dalek::VerifyingKey::try_from(point).map_err(|_| VerifyingKeyError)?;
        // Anyone can sign for a point of low order.
        if ed25519.is_weak() {
            return Err(VerifyingKeyError);
        }
        Ok(Self { text: text.to_owned(), number: number.to_vec(), point: point.to_vec(), key })
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

/// Error of a signature that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The file is not a signature file, or has other lines or another untrusted comment than the tools write.
    #[error("it is not a signature file as salanimi or minisign writes it")]
    Format,
    /// Another key made it.
    #[error("another key made it")]
    OtherKey,
    /// The key is right, but the message or the signature was changed.
    #[error("it does not match the content: the file or the signature was changed")]
    Wrong,
    /// The signature holds, but its trusted comment names another file.
    #[error("its trusted comment names another file")]
    OtherFile,
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

/// Content of a signature file.
pub struct Signature {
    signature: minisign_verify::Signature,
    comment: UntrustedComment,
}

/// First line of a signature file, which no signature covers.
enum UntrustedComment {
    /// That of `minisign`.
    Stock,
    /// That of this tool, with a key id.
    KeyId(String),
}

impl Signature {
    /// Parses the text of a signature file.
    ///
    /// # Errors
    /// [`SignatureError::Format`] for any other text.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignatureError> {
        let text = std::str::from_utf8(bytes).map_err(|_| SignatureError::Format)?;
        let comment = untrusted_comment(text).ok_or(SignatureError::Format)?;
        Ok(Self { signature: minisign_verify::Signature::decode(text)?, comment })
    }
}

/// Returns the untrusted comment of a signature file. Returns `None` for any other comment or number of lines: no
/// signature covers that comment, so it must hold nothing else.
fn untrusted_comment(text: &str) -> Option<UntrustedComment> {
    let lines: Vec<&str> = text.lines().collect();
    let comment = lines.first()?.strip_prefix(UNTRUSTED).filter(|_| lines.len() == 4)?;
    match comment == STOCK_COMMENT {
        true => Some(UntrustedComment::Stock),
        false => comment.strip_prefix(COMMENT).map(|id| UntrustedComment::KeyId(id.to_owned())),
    }
}

impl Signature {
    /// Checks that the trusted comment is `expected`. Believe it only of a signature that was verified.
    ///
    /// # Errors
    /// [`SignatureError::OtherFile`] for any other comment.
    pub fn is_of(&self, expected: &str) -> Result<(), SignatureError> {
        if self.signature.trusted_comment() == expected { Ok(()) } else { Err(SignatureError::OtherFile) }
    }
}

impl VerifyingKey {
    /// Verifies that this key made `signature` over `message`.
    ///
    /// # Errors
    /// Another key made it, or the message differs.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        self.key.verify(message, &signature.signature, false)?;
        self.check_stated(signature)
    }

    /// Returns true if both are the same key, or have the same number, by which signatures name their key.
    #[must_use]
    pub fn is_confused_with(&self, other: &Self) -> bool {
        self.point == other.point || self.number == other.number
    }

    /// Returns true if `signature` names this key as its maker.
    #[must_use]
    pub fn is_named_by(&self, signature: &Signature) -> bool {
        self.key.verify_stream(&signature.signature).is_ok()
    }

    /// Checks that the untrusted comment of a signature of this key states its id, if it states any.
    fn check_stated(&self, signature: &Signature) -> Result<(), SignatureError> {
        match &signature.comment {
            UntrustedComment::KeyId(id) if *id != HEXLOWER.encode(&self.number) => Err(SignatureError::Format),
            _ => Ok(()),
        }
    }

    /// Returns a reader of `inner` that verifies `signature` at the end.
    ///
    /// # Errors
    /// [`SignatureError::OtherKey`] if the signature names another key.
    pub fn read<'a, R: Read>(
        &'a self,
        inner: R,
        signature: &'a Signature,
    ) -> Result<SignedReader<'a, R>, SignatureError> {
        let verifier = self.key.verify_stream(&signature.signature)?;
        self.check_stated(signature)?;
        Ok(SignedReader { inner, verifier })
    }
}

/// A reader that passes bytes on and verifies their signature at the end.
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
    /// Reads to the end and verifies the signature.
    ///
    /// # Errors
    /// Outer: the rest cannot be read. Inner: the signature does not hold.
    pub fn finish(mut self) -> io::Result<Result<(), SignatureError>> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.verifier.finalize().map_err(SignatureError::from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatory(byte: u8) -> Signatory {
        Signatory::new(&SigningKey::from_bytes([byte; 32]), &Id::new("example").unwrap())
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_key_alone() {
        let [ours, other] = [1, 2].map(signatory);
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
    fn every_changed_character_of_a_signature_is_detected() {
        let ours = signatory(1);
        let text = ours.sign(b"message", "delivery 1");
        let key = ours.public_key();
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let holds = Signature::decode(&changed).is_ok_and(|signature| key.verify(b"message", &signature).is_ok());
            // The line end of the last line carries nothing.
            assert!(!holds || at + 1 == text.len(), "byte {at}");
        }
    }

    #[test]
    fn a_stream_is_signed_and_verified_like_its_bytes() {
        let ours = signatory(1);
        let message = vec![7; 100_000];
        let mut whole = MessageHasher::default();
        message.chunks(999).for_each(|chunk| whole.absorb(chunk));
        let text = whole.sign(&ours, "list");
        assert_eq!(text, ours.sign(&message, "list"));
        let signature = Signature::decode(text.as_bytes()).unwrap();
        let key = ours.public_key();
        assert_eq!(key.read(message.as_slice(), &signature).unwrap().finish().unwrap(), Ok(()));
        assert_eq!(key.read(&message[1..], &signature).unwrap().finish().unwrap(), Err(SignatureError::Wrong));
        assert!(signatory(2).public_key().read(message.as_slice(), &signature).is_err());
    }

    #[test]
    fn a_public_key_survives_writing_and_reading() {
        let key = signatory(1).public_key();
        assert!(key.to_string().starts_with("RW") && key.to_string().len() == 56);
        assert_eq!(key.to_string().parse(), Ok(key));
        for bad in ["", "RW", "age1", &"A".repeat(56)] {
            assert_eq!(bad.parse::<VerifyingKey>(), Err(VerifyingKeyError), "{bad}");
        }
    }
}
