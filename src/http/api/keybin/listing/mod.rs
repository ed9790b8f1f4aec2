//! Listings: keys and documents, page by page, and how many there are.
//!
//! ```text
//! asked    what a request asks for      shown    what is answered
//! ```

mod asked;
mod shown;

#[cfg(any(test, fuzzing))]
pub(in crate::http) use asked::fuzzing;

use rocket::http::ContentType;
use rocket::{Route, State, get, head, routes};

use self::asked::{OfDocuments, OfKeys};
use self::shown::{Keys, Shown, Totalled, document_page, key_page};
use super::{Keybin, Result};
use crate::http::answer::Answer;
use crate::http::doors::Caller;
use crate::http::pieces::Listed;
use crate::service::Documents;

/// Without any parameter, every key, as in the original.
#[get("/user/<_>/keys")]
async fn keys(caller: Caller<Keybin>, asked: OfKeys, documents: &State<Documents>) -> Result<Shown, Keybin> {
    if asked.is_bare() {
        let keys = Keys(documents.every_key(&caller));
        return Ok(Shown::All(Listed::begin("{\"keys\":[", keys, "]}").await?));
    }
    let page = documents.key_page(&caller, &asked.wanted, asked.limit_of_keys()).await?;
    Ok(Shown::Page(key_page(&page, &asked)?))
}

#[head("/user/<_>/keys")]
async fn count_keys(
    caller: Caller<Keybin>,
    asked: OfKeys,
    documents: &State<Documents>,
) -> Result<Totalled<Shown>, Keybin> {
    let total = documents.total(&caller, &asked.wanted).await?;
    Ok(Totalled(total, keys(caller, asked, documents).await?))
}

#[get("/user/<_>/documents")]
async fn list(caller: Caller<Keybin>, asked: OfDocuments, documents: &State<Documents>) -> Result<Answer, Keybin> {
    let page = documents.document_page(&caller, &asked.wanted, asked.limit(), asked.fields.as_ref()).await?;
    Ok(document_page(&page, &asked)?)
}

#[head("/user/<_>/documents")]
async fn count(
    caller: Caller<Keybin>,
    asked: OfDocuments,
    documents: &State<Documents>,
) -> Result<Totalled<(ContentType, ())>, Keybin> {
    Ok(Totalled(documents.total(&caller, &asked.wanted).await?, (ContentType::JSON, ())))
}

pub(super) fn routes() -> Vec<Route> {
    routes![keys, count_keys, list, count]
}
