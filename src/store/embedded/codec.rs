//! Records ⇄ bytes.
//!
//! * Every record ends with a CRC-32 over the place it stands at and its own bytes, because redb checks its pages only
//!   after a crash: what is not as it was written, or not where, is told instead of served.
//! * An account is BSON, so that later versions can add members; tokens and the heads of documents have a fixed layout
//!   of big-endian numbers.

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::{RawBsonRef, cstr};
use crc32fast::Hasher;

use super::fault::damaged;
use crate::domain::{
    Account, AccountId, Email, Grant, Origin, PasswordHash, Profile, Revision, Scope, Timestamp, TokenHash, Username,
    Value,
};
use crate::store::{Credentials, Result};

/// Stands for "never" among the times of expiry; no clock reaches it.
const NEVER: i64 = i64::MAX;

const CHECKSUM_BYTES: usize = 4;

/// Ends a record with the checksum of its place and its bytes.
fn seal(place: &[u8], mut record: Vec<u8>) -> Vec<u8> {
    let sum = checksum(place, &record);
    record.extend_from_slice(&sum.to_be_bytes());
    record
}

/// The record without its checksum, if that is right.
fn unseal<'r>(place: &[u8], sealed: &'r [u8]) -> Result<&'r [u8]> {
    match sealed.split_last_chunk::<CHECKSUM_BYTES>() {
        Some((record, sum)) if checksum(place, record).to_be_bytes() == *sum => Ok(record),
        _ => Err(damaged("a record does not match its checksum")),
    }
}

fn checksum(place: &[u8], record: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(place);
    hasher.update(record);
    hasher.finalize()
}

/// The record of an account, which stands under its id.
pub(super) fn write_account(account: &Account, password: &PasswordHash) -> Vec<u8> {
    let mut record = RawDocumentBuf::new();
    // The bits of the number: BSON has no unsigned integers.
    record.append(cstr!("number"), account.number.cast_signed());
    record.append(cstr!("username"), account.username.as_str());
    record.append(cstr!("password"), password.expose());
    record.append(cstr!("admin"), account.admin);
    record.append(cstr!("created_at"), account.created_at.as_micros());
    if let Some(email) = &account.email {
        record.append(cstr!("email"), email.as_str());
    }
    if let Some(name) = &account.profile.full_name {
        record.append(cstr!("full_name"), name.as_str());
    }
    if let Some(age) = account.profile.age {
        record.append(cstr!("age"), i64::from(age));
    }
    if let Some(gender) = &account.profile.gender {
        record.append(cstr!("gender"), gender.as_str());
    }
    seal(account.id.as_bytes(), record.into_bytes())
}

/// The account that stands under `id`.
pub(super) fn read_account(id: AccountId, record: &[u8]) -> Result<Credentials> {
    let record = unseal(id.as_bytes(), record)?;
    let record = RawDocument::from_bytes(record).map_err(damaged)?;
    let account = Account {
        id,
        number: record.get_i64("number").map_err(damaged)?.cast_unsigned(),
        username: Username::parse(record.get_str("username").map_err(damaged)?).map_err(damaged)?,
        email: optional_text(record, "email")?.map(|text| Email::parse(&text)).transpose().map_err(damaged)?,
        profile: Profile {
            full_name: optional_text(record, "full_name")?,
            age: match record.get("age").map_err(damaged)? {
                Some(age) => {
                    Some(age.as_i64().and_then(|age| age.try_into().ok()).ok_or_else(|| damaged("age is none"))?)
                }
                None => None,
            },
            gender: optional_text(record, "gender")?,
        },
        admin: record.get_bool("admin").map_err(damaged)?,
        created_at: Timestamp::from_micros(record.get_i64("created_at").map_err(damaged)?),
    };
    Ok(Credentials { account, password: PasswordHash::from_stored(record.get_str("password").map_err(damaged)?) })
}

fn optional_text(record: &RawDocument, name: &str) -> Result<Option<String>> {
    match record.get(name).map_err(damaged)? {
        None => Ok(None),
        Some(RawBsonRef::String(text)) => Ok(Some(text.to_owned())),
        Some(_) => Err(damaged(format!("{name} is no text"))),
    }
}

/// What stands in the record of a token; whose it is says the place.
pub(super) struct TokenRecord {
    pub(super) hash: TokenHash,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) origin: Origin,
    pub(super) grant: Grant,
}

impl TokenRecord {
    pub(super) fn write(&self, place: &[u8]) -> Vec<u8> {
        let prefix = self.grant.prefix.as_bytes();
        let mut record = Vec::with_capacity(50 + prefix.len() + CHECKSUM_BYTES);
        record.extend_from_slice(self.hash.as_bytes());
        record.extend_from_slice(&self.created_at.as_micros().to_be_bytes());
        record.extend_from_slice(&self.expires_at.as_micros().to_be_bytes());
        record.push(origin_byte(self.origin));
        record.push(scope_byte(self.grant.scope));
        record.extend_from_slice(prefix);
        seal(place, record)
    }

    pub(super) fn read(place: &[u8], record: &[u8]) -> Result<Self> {
        let mut fields = Fields(unseal(place, record)?);
        Ok(Self {
            hash: TokenHash::from_bytes(fields.take()?),
            created_at: fields.time()?,
            expires_at: fields.time()?,
            origin: origin_of(fields.take()?)?,
            grant: {
                let scope = scope_of(fields.take()?)?;
                Grant::parse(scope, std::str::from_utf8(fields.0).map_err(damaged)?).map_err(damaged)?
            },
        })
    }
}

/// The byte that stands for a scope. It must not change: files hold it.
const fn scope_byte(scope: Scope) -> u8 {
    match scope {
        Scope::Read => b'r',
        Scope::Write => b'w',
    }
}

fn scope_of([byte]: [u8; 1]) -> Result<Scope> {
    let scope = Scope::ALL.into_iter().find(|scope| scope_byte(*scope) == byte);
    scope.ok_or_else(|| damaged("the scope of a token"))
}

/// The byte that stands for an origin. It must not change: files hold it.
const fn origin_byte(origin: Origin) -> u8 {
    match origin {
        Origin::Keybin => b'k',
        Origin::Stow => b's',
        Origin::Forms => b'f',
        Origin::Pairs => b'p',
        Origin::Users => b'u',
        Origin::Web => b'w',
        Origin::Operator => b'o',
    }
}

fn origin_of([byte]: [u8; 1]) -> Result<Origin> {
    let origin = Origin::ALL.into_iter().find(|origin| origin_byte(*origin) == byte);
    origin.ok_or_else(|| damaged("the origin of a token"))
}

/// What is known about a document, and what its value must match.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) revision: Revision,
    pub(super) created_at: Timestamp,
    pub(super) modified_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    length: u32,
    checksum: u32,
}

impl Head {
    /// Bytes of a head in its record.
    const BYTES: usize = 16 + 3 * 8 + 2 * 4 + CHECKSUM_BYTES;

    /// The head of a document whose value is `value`.
    pub(super) fn new(
        value: &Value,
        revision: Revision,
        created_at: Timestamp,
        modified_at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let bytes = value.as_stored();
        // Longer values than u32 can tell are refused before they come here.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let expires_at = expires_at.filter(|end| end.as_micros() != NEVER);
        Self { revision, created_at, modified_at, expires_at, length, checksum: crc32fast::hash(bytes) }
    }

    /// Whether the document is still there at `now`.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// Length of the value in bytes.
    pub(super) const fn length(&self) -> usize {
        self.length as usize
    }

    /// The record: the head, and behind it the value if it is to stand there.
    pub(super) fn write(&self, place: &[u8], inline: &[u8]) -> Vec<u8> {
        let mut record = Vec::with_capacity(Self::BYTES + inline.len());
        record.extend_from_slice(self.revision.as_bytes());
        record.extend_from_slice(&self.created_at.as_micros().to_be_bytes());
        record.extend_from_slice(&self.modified_at.as_micros().to_be_bytes());
        record.extend_from_slice(&self.expires_at.map_or(NEVER, Timestamp::as_micros).to_be_bytes());
        record.extend_from_slice(&self.length.to_be_bytes());
        record.extend_from_slice(&self.checksum.to_be_bytes());
        let mut record = seal(place, record);
        record.extend_from_slice(inline);
        record
    }

    /// The head, and the bytes behind it: the value, or nothing when it stands elsewhere.
    pub(super) fn read<'r>(place: &[u8], record: &'r [u8]) -> Result<(Self, &'r [u8])> {
        let (head, inline) =
            record.split_at_checked(Self::BYTES).ok_or_else(|| damaged("the record of a document is too short"))?;
        let mut fields = Fields(unseal(place, head)?);
        let head = Self {
            revision: Revision::from_bytes(fields.take()?),
            created_at: fields.time()?,
            modified_at: fields.time()?,
            expires_at: Some(fields.time()?).filter(|end| end.as_micros() != NEVER),
            length: u32::from_be_bytes(fields.take()?),
            checksum: u32::from_be_bytes(fields.take()?),
        };
        Ok((head, inline))
    }

    /// Whether these are the bytes of the value.
    pub(super) fn check(&self, value: &[u8]) -> Result<()> {
        let matches = value.len() == self.length() && crc32fast::hash(value) == self.checksum;
        if matches { Ok(()) } else { Err(damaged("a value does not match its checksum")) }
    }
}

/// The fields of a record that are still to be read.
struct Fields<'r>(&'r [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| damaged("a record is too short"))?;
        self.0 = rest;
        Ok(*field)
    }

    fn time(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::from_micros(i64::from_be_bytes(self.take()?)))
    }
}
