//! Adopting accounts.

use bson::spec::BinarySubtype;
use bson::{Bson, Document as BsonDocument, doc, oid::ObjectId};

use super::super::super::Result;
use super::super::client::{Collections, collect};
use super::super::lease::Lease;
use super::super::{accounts, failure};
use super::{Adoption, Last, Owners, account_id_of, created_at, old};
use crate::domain::{AccountId, NewAccount, PasswordHash, Profile, Username};

/// An account of the original that can be used.
struct Usable {
    id: AccountId,
    username: Username,
    password: PasswordHash,
}

/// Counts, and answers whom documents can belong to.
pub(super) async fn look(db: &Collections, adoption: &mut Adoption) -> Result<Owners> {
    let (mut owners, last) = survey(db).await?;
    for user in read(db, old()).await? {
        let Some(usable) = usable(&user) else {
            owners.unusable.extend(owner_id(&user));
            adoption.unusable_accounts += 1;
            continue;
        };
        adoption.accounts += 1;
        if last.get(usable.username.as_str()) != object_id(&user).as_ref() {
            let name = usable.username.to_string();
            adoption.renamed.push((name.clone(), format!("{name} (duplicate …)")));
        }
        owners.known.insert(usable.id);
    }
    Ok(owners)
}

/// Brings the accounts to today's shape, the oldest first, so that they are numbered in their order.
pub(super) async fn run(db: &Collections, lease: &Lease<'_>, adoption: &mut Adoption) -> Result<Owners> {
    let (mut owners, last) = survey(db).await?;
    for user in read(db, old()).await? {
        lease.renew().await?;
        let Some(object_id) = object_id(&user) else { continue };
        let filter = doc! { "_id": object_id };
        let Some(usable) = usable(&user) else {
            // Under another name, the name does not stand in the way of those who can use it.
            let mark = doc! { "$set": { "unusable": true }, "$rename": { "username": "old_username" } };
            db.users.update_one(filter, mark).await.map_err(|e| failure::of_write(&e))?;
            owners.unusable.extend(owner_id(&user));
            adoption.unusable_accounts += 1;
            continue;
        };
        let keeps_name = last.get(usable.username.as_str()) == Some(&object_id);
        if owners.known.insert(usable.id) {
            adopt(db, &usable, keeps_name, object_id, adoption).await?;
        }
        db.users.delete_one(filter).await.map_err(|e| failure::of_write(&e))?;
    }
    Ok(owners)
}

async fn adopt(
    db: &Collections,
    usable: &Usable,
    keeps_name: bool,
    object_id: ObjectId,
    adoption: &mut Adoption,
) -> Result<()> {
    let number = accounts::next_number(db).await?;
    let mut username = usable.username.clone();
    if !keeps_name {
        // The number makes the new name unique; one that became too long is cut to it.
        let renamed = format!("{username} (duplicate {number})");
        username =
            Username::parse(&renamed).unwrap_or(Username::parse(format!("duplicate {number}")).unwrap_or(username));
        adoption.renamed.push((usable.username.to_string(), username.to_string()));
    }
    let new = NewAccount {
        id: usable.id,
        number: Some(number),
        username,
        email: None,
        profile: Profile::default(),
        admin: false,
        password: usable.password.clone(),
        created_at: created_at(object_id),
    };
    accounts::insert_adopted(db, &new, number).await?;
    adoption.accounts += 1;
    Ok(())
}

/// Who is there already, and which of the old accounts with one name came last. A name that an account of today's shape
/// has is lost to all old ones.
async fn survey(db: &Collections) -> Result<(Owners, Last)> {
    let (mut owners, mut last) = (Owners::default(), Last::new());
    for user in read(db, old()).await? {
        if let (Some(usable), Some(id)) = (usable(&user), object_id(&user)) {
            last.insert(usable.username.to_string(), id);
        }
    }
    for user in read(db, doc! { "unusable": true }).await? {
        owners.unusable.extend(owner_id(&user));
    }
    for user in read(db, doc! { "_id": { "$type": "string" } }).await? {
        owners.known.extend(user.get_str("_id").ok().and_then(AccountId::parse));
        if let Ok(name) = user.get_str("username") {
            last.remove(name);
        }
    }
    Ok((owners, last))
}

async fn read(db: &Collections, filter: BsonDocument) -> Result<Vec<BsonDocument>> {
    collect(db.users.find(filter).sort(doc! { "_id": 1 })).await
}

fn usable(user: &BsonDocument) -> Option<Usable> {
    let password = match user.get("password")? {
        Bson::String(hash) => hash.clone(),
        Bson::Binary(hash) if hash.subtype == BinarySubtype::Generic => String::from_utf8(hash.bytes.clone()).ok()?,
        _ => return None,
    };
    Some(Usable {
        id: owner_id(user)?,
        username: Username::parse(user.get_str("username").ok()?).ok()?,
        password: PasswordHash::from_stored(password),
    })
}

fn owner_id(user: &BsonDocument) -> Option<AccountId> {
    account_id_of(user.get("user_id")?)
}

fn object_id(user: &BsonDocument) -> Option<ObjectId> {
    user.get_object_id("_id").ok()
}
