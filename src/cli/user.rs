//! `keybin user`: adds, lists, shows, changes and removes accounts.

use clap::Subcommand;

use super::{CliError, prompt};
use crate::domain::Account;
use crate::service::{Change, Registration, Services};

/// Manages accounts. Passwords are asked for, or taken from the first line of a pipe; never from the arguments.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Register an account
    Add {
        /// Name to log in with
        name: String,
        /// E-mail address
        #[arg(long)]
        email: Option<String>,
        /// May see and manage other accounts
        #[arg(long)]
        admin: bool,
    },
    /// List the accounts
    List,
    /// Show an account
    Show {
        /// Name of the account
        name: String,
    },
    /// Change an account; a new password ends its tokens
    Set {
        /// Name of the account
        name: String,
        /// New e-mail address; empty removes it
        #[arg(long, required_unless_present_any = ["password", "admin"])]
        email: Option<String>,
        /// Administrator or not
        #[arg(long, value_name = "true|false")]
        admin: Option<bool>,
        /// Ask for a new password
        #[arg(long)]
        password: bool,
    },
    /// Remove an account with all its tokens and documents
    Remove {
        /// Name of the account
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

impl User {
    pub(super) async fn run(self, services: &Services) -> Result<(), CliError> {
        match self {
            Self::Add { name, email, admin } => add(services, name, email, admin).await,
            Self::List => list(services).await,
            Self::Show { name } => show(services, &name).await,
            Self::Set { name, email, admin, password } => set(services, &name, email, admin, password).await,
            Self::Remove { name, yes } => remove(services, &name, yes).await,
        }
    }
}

async fn add(services: &Services, username: String, email: Option<String>, admin: bool) -> Result<(), CliError> {
    let password = prompt::password()?;
    let registration = Registration { username, password, email, admin, ..Registration::default() };
    let account = services.accounts.register(registration).await?;
    println!("registered {} as number {}", account.username, account.number);
    Ok(())
}

async fn list(services: &Services) -> Result<(), CliError> {
    println!("{:>8}  {:<24}  {:<32}  E-MAIL", "NUMBER", "CREATED", "NAME");
    for account in services.accounts.all().await? {
        let (created, name) = (account.created_at.to_string(), account.username.as_str());
        println!("{:>8}  {created:<24}  {name:<32}  {}", account.number, email(&account));
    }
    Ok(())
}

async fn show(services: &Services, name: &str) -> Result<(), CliError> {
    let account = services.accounts.find(name).await?;
    println!("name     {}", account.username);
    println!("number   {}", account.number);
    println!("user_id  {}", account.id);
    println!("e-mail   {}", email(&account));
    println!("admin    {}", if account.admin { "yes" } else { "no" });
    println!("created  {}", account.created_at);
    Ok(())
}

async fn set(
    services: &Services,
    name: &str,
    email: Option<String>,
    admin: Option<bool>,
    password: bool,
) -> Result<(), CliError> {
    let account = services.accounts.find(name).await?;
    let password = if password { Some(prompt::password()?) } else { None };
    services.operator.change(account.id, Change { email, password, admin, ..Change::default() }).await?;
    println!("changed {name}");
    Ok(())
}

async fn remove(services: &Services, name: &str, yes: bool) -> Result<(), CliError> {
    let account = services.accounts.find(name).await?;
    if !yes && !prompt::confirmed(&format!("Remove {name} with all tokens and documents?"))? {
        return Err(CliError::Declined);
    }
    services.operator.erase(account.id).await?;
    println!("removed {name}");
    Ok(())
}

fn email(account: &Account) -> &str {
    account.email.as_ref().map_or("-", |email| email.as_str())
}
