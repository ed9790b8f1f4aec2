//! `keybin token`: issues, lists and ends tokens.

use clap::Subcommand;

use super::CliError;
use crate::domain::ClientId;
use crate::service::{ServiceError, Services};

/// Manages tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Issue a token; it replaces the one that the client id had
    Issue {
        /// Name of the account
        name: String,
        /// The device or program
        #[arg(default_value = "default")]
        client_id: String,
    },
    /// List the live tokens of an account (never their secrets)
    List {
        /// Name of the account
        name: String,
    },
    /// End the token of a client id
    Revoke {
        /// Name of the account
        name: String,
        /// The device or program
        client_id: String,
    },
}

impl Token {
    pub(super) async fn run(self, services: &Services) -> Result<(), CliError> {
        match self {
            Self::Issue { name, client_id } => issue(services, &name, client_id).await,
            Self::List { name } => list(services, &name).await,
            Self::Revoke { name, client_id } => revoke(services, &name, client_id).await,
        }
    }
}

async fn issue(services: &Services, name: &str, client_id: String) -> Result<(), CliError> {
    let client_id = ClientId::parse(client_id).map_err(ServiceError::from)?;
    let account = services.accounts.find(name).await?;
    let fresh = services.tokens.issue_for(account.id, client_id).await?;
    println!("{}", fresh.token.expose());
    eprintln!("valid for {} seconds", fresh.expire_seconds);
    Ok(())
}

async fn list(services: &Services, name: &str) -> Result<(), CliError> {
    let account = services.accounts.find(name).await?;
    println!("{:<24}  {:<24}  {:<5}  {:<12}  CLIENT ID", "CREATED", "EXPIRES", "SCOPE", "PREFIX");
    for token in services.operator.tokens(account.id).await? {
        let (created, expires) = (token.created_at.to_string(), token.expires_at.to_string());
        let (scope, prefix) = (token.grant.scope.as_str(), Some(token.grant.prefix.as_str()));
        let prefix = prefix.filter(|prefix| !prefix.is_empty()).unwrap_or("-");
        println!("{created:<24}  {expires:<24}  {scope:<5}  {prefix:<12}  {}", token.client_id);
    }
    Ok(())
}

async fn revoke(services: &Services, name: &str, client_id: String) -> Result<(), CliError> {
    let client_id = ClientId::parse(client_id).map_err(ServiceError::from)?;
    let account = services.accounts.find(name).await?;
    let ended = services.operator.revoke(account.id, &client_id).await?;
    println!("{}", if ended { "ended" } else { "there was no token" });
    Ok(())
}
