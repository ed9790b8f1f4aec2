//! The layout of the file: which tables there are, and what their keys look like.
//!
//! | table | key | value |
//! |---|---|---|
//! | `keybin` | `format`, `last_number` | a number |
//! | `accounts` | account id | the account and the hash of its password |
//! | `numbers` | number of an account | account id |
//! | `names` | username | account id |
//! | `emails` | e-mail address | account id |
//! | `tokens` | account id, client id | hash, issue, expiry |
//! | `token_hashes` | SHA-256 of a token | account id, client id |
//! | `documents` | account id, key | head, and the value where it is small |
//! | `values` | account id, key | the value where it is large |
//! | `expiries` | time, kind, account id, client id or key | nothing |
//! | `erasing` | id of an account under erasure | nothing |
//! | `secrets` | name of a secret of the installation | the secret |
//!
//! An account id and a text together make a *place*: 16 bytes and the text, so that places order by account and then
//! bytewise. Texts are kept as bytes, because redb panics where a `&str` of a damaged file is no UTF-8.

use redb::{ReadTransaction, Table, TableDefinition, TableError, WriteTransaction};
use uuid::Uuid;

use super::fault::damaged;
use crate::domain::{AccountId, Timestamp};
use crate::store::Result as StoreResult;

/// The version of the layout that this program reads and writes.
pub(super) const FORMAT: u64 = 1;

/// Under [`META`]: the version of the layout.
pub(super) const FORMAT_KEY: &[u8] = b"format";
/// Under [`META`]: the highest number that an account ever had.
pub(super) const LAST_NUMBER_KEY: &[u8] = b"last_number";

pub(super) type Id = &'static [u8; 16];
pub(super) type Bytes = &'static [u8];

pub(super) const META: TableDefinition<'_, Bytes, u64> = TableDefinition::new("keybin");
pub(super) const ACCOUNTS: TableDefinition<'_, Id, Bytes> = TableDefinition::new("accounts");
pub(super) const NUMBERS: TableDefinition<'_, u64, Id> = TableDefinition::new("numbers");
pub(super) const NAMES: TableDefinition<'_, Bytes, Id> = TableDefinition::new("names");
pub(super) const EMAILS: TableDefinition<'_, Bytes, Id> = TableDefinition::new("emails");
pub(super) const TOKENS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("tokens");
pub(super) const TOKEN_HASHES: TableDefinition<'_, &'static [u8; 32], Bytes> = TableDefinition::new("token_hashes");
pub(super) const DOCUMENTS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("documents");
pub(super) const VALUES: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("values");
pub(super) const EXPIRIES: TableDefinition<'_, Bytes, ()> = TableDefinition::new("expiries");
pub(super) const ERASING: TableDefinition<'_, Id, ()> = TableDefinition::new("erasing");
pub(super) const SECRETS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("secrets");

/// Every table, open for writing. Opened once for all operations that share a transaction.
pub(super) struct Tables<'t> {
    pub(super) meta: Table<'t, Bytes, u64>,
    pub(super) accounts: Table<'t, Id, Bytes>,
    pub(super) numbers: Table<'t, u64, Id>,
    pub(super) names: Table<'t, Bytes, Id>,
    pub(super) emails: Table<'t, Bytes, Id>,
    pub(super) tokens: Table<'t, Bytes, Bytes>,
    pub(super) token_hashes: Table<'t, &'static [u8; 32], Bytes>,
    pub(super) documents: Table<'t, Bytes, Bytes>,
    pub(super) values: Table<'t, Bytes, Bytes>,
    pub(super) expiries: Table<'t, Bytes, ()>,
    pub(super) erasing: Table<'t, Id, ()>,
    pub(super) secrets: Table<'t, Bytes, Bytes>,
}

impl<'t> Tables<'t> {
    /// Opens the tables, and makes those that are not there.
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            accounts: transaction.open_table(ACCOUNTS)?,
            numbers: transaction.open_table(NUMBERS)?,
            names: transaction.open_table(NAMES)?,
            emails: transaction.open_table(EMAILS)?,
            tokens: transaction.open_table(TOKENS)?,
            token_hashes: transaction.open_table(TOKEN_HASHES)?,
            documents: transaction.open_table(DOCUMENTS)?,
            values: transaction.open_table(VALUES)?,
            expiries: transaction.open_table(EXPIRIES)?,
            erasing: transaction.open_table(ERASING)?,
            secrets: transaction.open_table(SECRETS)?,
        })
    }
}

/// Whether every table is there, and is what it should be. Found out before writing, because redb ends the process when
/// it comes upon damage while tables are being opened for writing.
pub(super) fn check(transaction: &ReadTransaction) -> Result<(), TableError> {
    transaction.open_table(META)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(NUMBERS)?;
    transaction.open_table(NAMES)?;
    transaction.open_table(EMAILS)?;
    transaction.open_table(TOKENS)?;
    transaction.open_table(TOKEN_HASHES)?;
    transaction.open_table(DOCUMENTS)?;
    transaction.open_table(VALUES)?;
    transaction.open_table(EXPIRIES)?;
    transaction.open_table(ERASING)?;
    transaction.open_table(SECRETS)?;
    Ok(())
}

/// The place of a token or document: the account, then the client id or key.
pub(super) fn place(account: AccountId, text: &str) -> Vec<u8> {
    [account.as_bytes(), text.as_bytes()].concat()
}

/// Takes a place apart.
pub(super) fn split_place(place: &[u8]) -> StoreResult<(AccountId, &str)> {
    let (id, text) = place.split_first_chunk::<16>().ok_or_else(|| damaged("a place is too short"))?;
    Ok((account_id(*id), std::str::from_utf8(text).map_err(damaged)?))
}

/// The account id with these bytes.
pub(super) fn account_id(bytes: [u8; 16]) -> AccountId {
    Uuid::from_bytes(bytes).into()
}

/// What expires; the byte that says so in `expiries`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Expiring {
    Token = b't',
    Document = b'd',
}

/// The key in `expiries` of what stands at `place` and expires at `end`.
pub(super) fn expiry(end: Timestamp, what: Expiring, place: &[u8]) -> Vec<u8> {
    [&time_bytes(end)[..], &[what as u8], place].concat()
}

/// The first key in `expiries` of what is still there at `now`.
pub(super) fn first_live_expiry(now: Timestamp) -> Vec<u8> {
    time_bytes(Timestamp::from_micros(now.as_micros().saturating_add(1))).to_vec()
}

/// Takes a key of `expiries` apart.
pub(super) fn split_expiry(key: &[u8]) -> StoreResult<(Timestamp, Expiring, &[u8])> {
    let malformed = || damaged("an entry of expiries is malformed");
    let (time, rest) = key.split_first_chunk::<8>().ok_or_else(malformed)?;
    let (what, place) = rest.split_first().ok_or_else(malformed)?;
    let what = match what {
        b't' => Expiring::Token,
        b'd' => Expiring::Document,
        _ => return Err(malformed()),
    };
    let micros = (u64::from_be_bytes(*time) ^ SIGN).cast_signed();
    Ok((Timestamp::from_micros(micros), what, place))
}

/// Flipped so that times before 1970 come first.
const SIGN: u64 = 1 << 63;

fn time_bytes(time: Timestamp) -> [u8; 8] {
    (time.as_micros().cast_unsigned() ^ SIGN).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_order_by_account_and_then_bytewise() {
        let [low, high] = [1, 2].map(|last| account_id([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]));
        let ordered = [place(low, "a"), place(low, "a!"), place(low, "b"), place(low, "é"), place(high, "a")];
        assert!(ordered.is_sorted());
        assert_eq!(split_place(&ordered[3]).ok(), Some((low, "é")));
        assert!(split_place(b"short").is_err());
        assert!(split_place(&[255; 17]).is_err());
    }

    #[test]
    fn expiries_order_by_time() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_millis);
        let keys = times.map(|time| expiry(time, Expiring::Document, b"0123456789abcdefkey"));
        assert!(keys.is_sorted());
        for (time, key) in times.into_iter().zip(&keys) {
            let (end, what, place) = split_expiry(key).expect("an entry");
            assert_eq!((end, what, place), (time, Expiring::Document, &b"0123456789abcdefkey"[..]));
        }
        let now = first_live_expiry(times[2]);
        assert!(keys[2] < now && now < keys[3]);
        for bad in [&b""[..], b"12345678", b"12345678x"] {
            assert!(split_expiry(bad).is_err());
        }
    }
}
