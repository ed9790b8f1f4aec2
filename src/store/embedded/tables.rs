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

use redb::{Key, Table, TableDefinition, TableError, Value, WriteTransaction};
use uuid::Uuid;

use super::fault::{Fault, damaged};
use crate::domain::{AccountId, Timestamp};
use crate::store::Result as StoreResult;

/// The version of the layout that this program reads and writes.
pub(super) const FORMAT: u64 = 1;

/// Under [`META`]: the version of the layout.
pub(super) const FORMAT_KEY: &[u8] = b"format";
/// Under [`META`]: the highest number that an account ever had.
pub(super) const LAST_NUMBER_KEY: &[u8] = b"last_number";

pub(super) type Id = &'static [u8; 16];
pub(super) type Hash = &'static [u8; 32];
pub(super) type Bytes = &'static [u8];

/// The one list of the tables: hands a row for each to `$make`, a macro that makes something of all of them.
macro_rules! for_every_table {
    ($make:ident) => {
        $make! {
            Meta         meta         META         "keybin"        Bytes => u64,
            Accounts     accounts     ACCOUNTS     "accounts"      Id => Bytes,
            Numbers      numbers      NUMBERS      "numbers"       u64 => Id,
            Names        names        NAMES        "names"         Bytes => Id,
            Emails       emails       EMAILS       "emails"        Bytes => Id,
            Tokens       tokens       TOKENS       "tokens"        Bytes => Bytes,
            TokenHashes  token_hashes TOKEN_HASHES "token_hashes"  Hash => Bytes,
            Documents    documents    DOCUMENTS    "documents"     Bytes => Bytes,
            Values       values       VALUES       "values"        Bytes => Bytes,
            Expiries     expiries     EXPIRIES     "expiries"      Bytes => (),
            Erasing      erasing      ERASING      "erasing"       Id => (),
            Secrets      secrets      SECRETS      "secrets"       Bytes => Bytes,
        }
    };
}
pub(super) use for_every_table;

macro_rules! define {
    ($($variant:ident $field:ident $definition:ident $name:literal $key:ty => $value:ty,)+) => {
        $(pub(super) const $definition: TableDefinition<'_, $key, $value> = TableDefinition::new($name);)+

        /// One of the tables.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum TableName {
            $($variant,)+
        }

        impl TableName {
            /// Every table, in the order of the list.
            pub(super) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What it is called in the file.
            pub(super) const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }

        /// Every table, open for writing. Opened once for all operations that share a transaction.
        pub(super) struct Tables<'t> {
            $(pub(super) $field: Table<'t, $key, $value>,)+
        }

        impl<'t> Tables<'t> {
            /// Opens the tables, and makes those that are not there.
            pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, TableError> {
                Ok(Self { $($field: transaction.open_table($definition)?,)+ })
            }

            /// Puts in an entry as it stands in another file.
            pub(super) fn insert_as_is(&mut self, table: TableName, key: &[u8], value: &[u8]) -> Result<(), Fault> {
                match table {
                    $(TableName::$variant => insert_as_is(&mut self.$field, key, value),)+
                }
            }
        }
    };
}
for_every_table!(define);

fn insert_as_is<K: Key + 'static, V: Value + 'static>(
    table: &mut Table<'_, K, V>,
    key: &[u8],
    value: &[u8],
) -> Result<(), Fault> {
    let fits = |width: Option<usize>, bytes: &[u8]| width.is_none_or(|width| width == bytes.len());
    if !fits(K::fixed_width(), key) || !fits(V::fixed_width(), value) {
        return Err(damaged("an entry is too short or too long").into());
    }
    table.insert(K::from_bytes(key), V::from_bytes(value))?;
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
