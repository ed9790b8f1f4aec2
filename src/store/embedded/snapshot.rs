//! What readers look at: the state after one commit.
//!
//! * One is taken after each commit and shared by all who read until the next: taking it, and finding the tables in it,
//!   costs redb more than looking something up.
//! * It never hides what somebody was told: whoever commits takes the next one before answering.

use redb::{
    Database, Key, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableError,
    Value,
};

use super::tables::{self, Bytes, Hash, Id, TableName, for_every_table};

macro_rules! define {
    ($($variant:ident $field:ident $definition:ident $name:literal $key:ty => $value:ty,)+) => {
        /// Every table, as it was after one commit.
        pub(super) struct Snapshot {
            $(pub(super) $field: ReadOnlyTable<$key, $value>,)+
        }

        impl Snapshot {
            /// The state that a transaction sees. An error where a table is missing or is not what it should be: found out
            /// before writing, because redb ends the process when it comes upon damage while tables are being opened for
            /// writing.
            pub(super) fn of(transaction: &ReadTransaction) -> Result<Self, TableError> {
                Ok(Self { $($field: transaction.open_table(tables::$definition)?,)+ })
            }

            /// How many entries a table has.
            pub(super) fn count(&self, table: TableName) -> Result<u64, redb::StorageError> {
                match table {
                    $(TableName::$variant => self.$field.len(),)+
                }
            }

            /// Goes through a table and shows each entry as its bytes.
            pub(super) fn entries<E: From<redb::StorageError>>(
                &self,
                table: TableName,
                look: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
            ) -> Result<(), E> {
                match table {
                    $(TableName::$variant => entries(&self.$field, look),)+
                }
            }
        }
    };
}
for_every_table!(define);

impl Snapshot {
    /// The state after the latest commit.
    pub(super) fn take(database: &Database) -> Result<Self, redb::Error> {
        Ok(Self::of(&database.begin_read()?)?)
    }
}

fn entries<K: Key + 'static, V: Value + 'static, E: From<redb::StorageError>>(
    table: &ReadOnlyTable<K, V>,
    mut look: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for entry in table.iter()? {
        let (key, value) = entry?;
        let (key, value) = (key.value(), value.value());
        look(K::as_bytes(&key).as_ref(), V::as_bytes(&value).as_ref())?;
    }
    Ok(())
}
