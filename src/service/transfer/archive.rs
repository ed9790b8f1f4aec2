//! An archive: every account, in the order of the names, and behind each of them its documents.

use std::collections::VecDeque;

use tokio::io::AsyncBufRead;

use super::import::{Import, Next, Target};
use super::{Export, ImportMode, ImportReport, Reach, profile};
use crate::domain::{Account, AccountChange, NameRange, NewAccount, Username};
use crate::service::{Operator, Result, ServiceError};
use crate::store::StoreError;

/// Accounts read from the store at once.
const PAGE: usize = 100;

/// An export of everything, under way.
#[derive(Debug)]
pub struct ArchiveExport {
    operator: Operator,
    page: VecDeque<Account>,
    /// The last name that was read, while there are more.
    after: Option<Username>,
    /// The documents of the account that was handed out last.
    documents: Option<Export>,
    accounts: u64,
}

impl Operator {
    /// Begins an export of everything: the accounts with their numbers and the hashes of their passwords, and what they
    /// keep. Tokens are left out.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn export_all(&self) -> Result<ArchiveExport> {
        let operator = self.clone();
        let mut export = ArchiveExport { operator, page: VecDeque::new(), after: None, documents: None, accounts: 0 };
        export.turn_over(None).await?;
        Ok(export)
    }

    /// Takes an archive in. What an account is, its id tells: one that is there keeps its name and number.
    ///
    /// # Errors
    /// Those of the store, as long as nothing was written; later they end the report.
    pub async fn import_all(
        &self,
        source: &mut (impl AsyncBufRead + Unpin + Send),
        mode: ImportMode,
        dry_run: bool,
    ) -> Result<ImportReport> {
        Import::new(&self.documents, Target::Archive(None), mode, dry_run).take(source).await
    }
}

impl ArchiveExport {
    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// Those of the store. What was handed out before is not all.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(documents) = &mut self.documents
                && let Some(lines) = documents.next().await?
            {
                return Ok(Some(lines));
            }
            self.documents = None;
            match (self.page.pop_front(), self.after.take()) {
                (Some(account), after) => {
                    self.after = after;
                    if let Some(line) = self.begin(&account).await? {
                        return Ok(Some(line));
                    }
                }
                (None, Some(after)) => self.turn_over(Some(&after)).await?,
                (None, None) => return Ok(None),
            }
        }
    }

    /// How many accounts were handed out.
    #[must_use]
    pub const fn accounts(&self) -> u64 {
        self.accounts
    }

    async fn turn_over(&mut self, after: Option<&Username>) -> Result<()> {
        let page = self.operator.documents.store.list_accounts(&NameRange::after(after, PAGE)).await?;
        self.after = page.items.last().map(|account| account.username.clone()).filter(|_| page.more);
        self.page = page.items.into();
        Ok(())
    }

    /// The line of an account; `None` when it was erased meanwhile.
    async fn begin(&mut self, account: &Account) -> Result<Option<Vec<u8>>> {
        let known = self.operator.documents.store.credentials(&account.username).await?;
        let Some(known) = known.filter(|known| known.account.id == account.id) else { return Ok(None) };
        let mut line = Vec::new();
        profile::write(&mut line, &known);
        self.documents = Some(self.operator.export(account.id).await?);
        self.accounts += 1;
        Ok(Some(line))
    }
}

impl Import<'_> {
    /// Lets the account of a line in, and turns to its documents.
    pub(super) async fn admit(&mut self, number: u64, line: &[u8]) -> Result<Next> {
        self.target = Target::LeftOut;
        let new = match profile::read(line) {
            Ok(new) => new,
            Err(reason) => return Ok(self.reject(number, format!("{reason}; its documents are left out"))),
        };
        let outcome = match self.documents.store.account(new.id).await? {
            Some(present) => self.meet(&present, &new).await,
            None => self.register(&new).await,
        };
        match outcome {
            Ok(()) => self.target = Target::Archive(Some(Reach::whole(new.id))),
            Err(error) => {
                let reason = match error {
                    Unfit::Reason(reason) => reason,
                    Unfit::Store(error) => why(error)?.to_owned(),
                };
                self.reject(number, format!("{}: {reason}; its documents are left out", new.username));
                if self.mode == ImportMode::Fail {
                    return Ok(Next::End);
                }
            }
        }
        Ok(Next::Line)
    }

    /// The account is there already.
    async fn meet(&mut self, present: &Account, new: &NewAccount) -> Result<(), Unfit> {
        match self.mode {
            ImportMode::Skip => Ok(()),
            ImportMode::Fail => Err(Unfit::Reason("the account is there already".to_owned())),
            ImportMode::Overwrite if present.username != new.username || new.number != Some(present.number) => {
                let Account { username, number, .. } = present;
                Err(Unfit::Reason(format!("the account is there already, as {username} with the number {number}")))
            }
            ImportMode::Overwrite => {
                if !self.dry_run {
                    self.change(present, new).await?;
                }
                self.report.accounts += 1;
                Ok(())
            }
        }
    }

    async fn change(&self, present: &Account, new: &NewAccount) -> Result<(), StoreError> {
        let store = &self.documents.store;
        let known = store.credentials(&present.username).await?;
        // The same password again would end the tokens for nothing.
        let is_same = known.is_some_and(|known| known.password == new.password);
        let change = AccountChange {
            email: Some(new.email.clone()),
            profile: Some(new.profile.clone()),
            admin: Some(new.admin),
            password: Some(new.password.clone()).filter(|_| !is_same),
            ..AccountChange::default()
        };
        store.update_account(new.id, &change).await.map(drop)
    }

    async fn register(&mut self, new: &NewAccount) -> Result<(), Unfit> {
        let store = &self.documents.store;
        if !self.dry_run {
            store.create_account(new).await?;
        } else if store.credentials(&new.username).await?.is_some() {
            return Err(StoreError::NameTaken.into());
        }
        self.report.accounts += 1;
        Ok(())
    }
}

/// Why an account is not let in.
enum Unfit {
    Reason(String),
    Store(StoreError),
}

impl From<StoreError> for Unfit {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What of it is the account's own fault; the rest ends the import.
fn why(error: StoreError) -> Result<&'static str> {
    match error {
        StoreError::NameTaken => Ok("another account has this name"),
        StoreError::EmailTaken => Ok("another account has this e-mail address"),
        StoreError::NumberTaken => Ok("another account has this number"),
        StoreError::AccountGone => Ok("the account of this id was erased less than an hour ago, come again later"),
        other => Err(ServiceError::from(other)),
    }
}
