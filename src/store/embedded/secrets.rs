//! Secrets of the installation, each made once.

use redb::ReadableTable;

use super::fault::Fault;
use super::tables::Tables;

/// The secret under this name; `fresh`, which is kept, when there was none.
pub(super) fn get_or_make(tables: &mut Tables<'_>, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Fault> {
    if let Some(known) = tables.secrets.get(name.as_bytes())? {
        return Ok(known.value().to_vec());
    }
    tables.secrets.insert(name.as_bytes(), fresh)?;
    Ok(fresh.to_vec())
}
