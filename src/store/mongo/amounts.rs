//! How much there is in the database, by what MongoDB keeps of each collection, so that nothing is walked through.

use std::ops::Add;

use bson::{Document as BsonDocument, doc};
use mongodb::Collection;
use mongodb::options::ReadConcern;
use tokio::join;

use super::super::Result;
use super::accounts::integer;
use super::client::{Collections, collect};
use crate::domain::Amounts;

/// How much there is in a collection, or in the part of it that one shard has.
#[derive(Clone, Copy, Default)]
struct Size {
    count: u64,
    bytes: u64,
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes + other.bytes }
    }
}

/// See [`Store::amounts`](crate::store::Store::amounts).
pub(super) async fn of(db: &Collections) -> Result<Amounts> {
    // To the end, each of them, because the driver does not allow its futures to be dropped.
    let (accounts, tokens, documents) = join!(size(&db.users), size(&db.tokens), size(&db.documents));
    let (accounts, tokens, documents) = (accounts?, tokens?, documents?);
    Ok(Amounts {
        accounts: accounts.count,
        tokens: tokens.count,
        documents: documents.count,
        bytes: (accounts + tokens + documents).bytes,
    })
}

async fn size<T: Send + Sync>(collection: &Collection<T>) -> Result<Size> {
    let stats = [
        doc! { "$collStats": { "storageStats": {} } },
        doc! { "$project": {
            "_id": 0,
            "count": "$storageStats.count",
            "bytes": { "$add": ["$storageStats.storageSize", "$storageStats.totalIndexSize"] },
        } },
    ];
    // The only one that the server takes for this.
    let asked = collection.aggregate(stats).read_concern(ReadConcern::local());
    let shards: Vec<BsonDocument> = collect(asked).await?;
    Ok(shards.iter().map(of_shard).fold(Size::default(), Add::add))
}

fn of_shard(stats: &BsonDocument) -> Size {
    let number = |name| integer(stats.get(name)).unwrap_or_default();
    Size { count: number("count"), bytes: number("bytes") }
}
