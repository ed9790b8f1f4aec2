//! `keybin import`: takes in what an export wrote.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use tokio::fs::File;
use tokio::io::{AsyncBufRead, BufReader, stdin};

use super::CliError;
use super::progress::{count, over_bytes};
use crate::service::{ImportMode, ImportReport, Result as ServiceResult, Services};

/// Takes documents into one account, or an archive of everything, as `keybin export` wrote it.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The account that the documents go to; without it, the file must be an archive
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// What becomes of accounts and documents that are there already: skip, overwrite, or fail at the first of them
    #[arg(long, default_value = "skip", value_parser = modes())]
    mode: ImportMode,
    /// Only tell what would come of it (that a number or an e-mail address is taken shows only later)
    #[arg(long)]
    dry_run: bool,
    /// The file to read, in place of the standard input
    file: Option<PathBuf>,
}

fn modes() -> impl TypedValueParser<Value = ImportMode> {
    let names = ImportMode::ALL.map(ImportMode::as_str);
    PossibleValuesParser::new(names).map(|name| ImportMode::parse(&name).unwrap_or_default())
}

impl Import {
    pub(super) async fn run(self, services: &Services) -> Result<(), CliError> {
        let report = match &self.file {
            None => {
                let bar = over_bytes(None);
                self.take(services, &mut BufReader::new(bar.wrap_async_read(stdin()))).await?
            }
            Some(path) => {
                let unreadable = |error| CliError::Transfer(format!("cannot read {}: {error}", path.display()));
                let file = File::open(path).await.map_err(unreadable)?;
                let bar = over_bytes(file.metadata().await.ok().map(|known| known.len()));
                self.take(services, &mut BufReader::new(bar.wrap_async_read(file))).await?
            }
        };
        for line in &report.failed {
            eprintln!("line {}: {}", line.line, line.reason);
        }
        eprintln!("{}", self.summary(&report));
        match report.all_failed() {
            0 => Ok(()),
            failed => Err(CliError::Transfer(format!("{} not taken", count(failed, "line")))),
        }
    }

    async fn take(
        &self,
        services: &Services,
        lines: &mut (impl AsyncBufRead + Unpin + Send),
    ) -> ServiceResult<ImportReport> {
        match &self.account {
            Some(name) => {
                let account = services.accounts.find(name).await?;
                services.operator.import(account.id, lines, self.mode, self.dry_run).await
            }
            None => services.operator.import_all(lines, self.mode, self.dry_run).await,
        }
    }

    fn summary(&self, report: &ImportReport) -> String {
        let verb = if self.dry_run { "would be imported" } else { "imported" };
        let documents = count(report.written, "document");
        let what = match &self.account {
            Some(_) => documents,
            None => format!("{} and {documents}", count(report.accounts, "account")),
        };
        format!("{what} {verb}, {} left as they are", count(report.skipped, "document"))
    }
}
