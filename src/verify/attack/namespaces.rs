//! Namespaces of UUIDs that are made from names (RFC 9562, section 6.6). They are public.

/// A namespace, which is hashed before the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    Dns,
    Url,
    Oid,
    X500,
    /// Sixteen zero bytes.
    Nil,
}

impl Namespace {
    /// All namespaces.
    pub const ALL: [Self; 5] = [Self::Dns, Self::Url, Self::Oid, Self::X500, Self::Nil];

    /// Returns the usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Url => "URL",
            Self::Oid => "OID",
            Self::X500 => "X.500",
            Self::Nil => "nil",
        }
    }

    /// Returns the bytes.
    pub fn bytes(self) -> &'static [u8; 16] {
        match self {
            Self::Dns => b"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8",
            Self::Url => b"\x6b\xa7\xb8\x11\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8",
            Self::Oid => b"\x6b\xa7\xb8\x12\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8",
            Self::X500 => b"\x6b\xa7\xb8\x14\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8",
            Self::Nil => &[0; 16],
        }
    }
}
