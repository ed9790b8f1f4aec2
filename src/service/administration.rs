//! Administration: what administrators do to the accounts of others.

use std::sync::Arc;

use futures_util::future::try_join_all;
use uuid::Uuid;

use super::{Accounts, Change, Result, ServiceError};
use crate::domain::{Account, AccountId, Clock, NameRange, Page, Usage};
use crate::store::Store;

/// Proof that the caller is an administrator; without it, nothing of this service can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Administrator(AccountId);

/// The service of administration.
#[derive(Clone, Debug)]
pub struct Administration {
    accounts: Accounts,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Administration {
    pub(super) fn new(accounts: Accounts, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { accounts, store, clock }
    }

    /// Lets an administrator in.
    ///
    /// # Errors
    /// [`ServiceError::NotAllowed`] for everybody else.
    pub fn enter(&self, account: &Account) -> Result<Administrator> {
        if account.admin {
            Ok(Administrator(account.id))
        } else {
            Err(ServiceError::NotAllowed("this is for administrators"))
        }
    }

    /// A page of accounts, by name, with how much each of them keeps.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn page(&self, _: Administrator, range: &NameRange) -> Result<Page<(Account, Usage)>> {
        let Page { items, more } = self.accounts.list(range).await?;
        let now = self.clock.now();
        let usages = try_join_all(items.iter().map(|account| self.store.usage(account.id, now))).await?;
        Ok(Page { items: items.into_iter().zip(usages).collect(), more })
    }

    /// Gives an account a new password, which ends its tokens. This is the only time that the password is seen.
    ///
    /// # Errors
    /// [`ServiceError::AccountGone`].
    pub async fn reset_password(&self, _: Administrator, account: AccountId) -> Result<String> {
        let password = random_password();
        let change = Change { password: Some(password.clone()), ..Change::default() };
        self.accounts.change_for(account, change).await?;
        Ok(password)
    }

    /// Erases the account of somebody else.
    ///
    /// # Errors
    /// [`ServiceError::NotAllowed`] for the administrator's own, [`ServiceError::AccountGone`].
    pub async fn remove(&self, administrator: Administrator, account: AccountId) -> Result<()> {
        if administrator.0 == account {
            return Err(ServiceError::NotAllowed("an administrator cannot be removed by themselves here"));
        }
        self.accounts.erase_for(account).await
    }
}

/// Twenty characters, none of which looks like another: about 95 random bits, in groups that can be read out.
fn random_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = Uuid::new_v4().as_u128();
    let mut password = String::new();
    for at in 0..20 {
        if at > 0 && at % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(LETTERS[(random % 32) as usize]));
        random /= 32;
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_password_can_be_read_out_and_is_never_the_same() {
        let (one, two) = (random_password(), random_password());
        assert_ne!(one, two);
        assert_eq!((one.len(), one.split('-').count()), (23, 4), "{one}");
        assert!(one.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()), "{one}");
    }
}
