//! `keybin export`: the documents of an account, or everything, as lines of JSON.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use super::CliError;
use super::progress::{count, over_documents};
use crate::service::{Result as ServiceResult, Services};

/// Writes the documents of one account, or everything: accounts with their ids, numbers and password hashes, and their
/// documents. Tokens are left out.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Only the documents of this account
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The file to write, in place of the standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, services: &Services) -> Result<(), CliError> {
        let summary = match &self.output {
            None => self.write(services, &mut BufWriter::new(stdout().lock())).await?,
            Some(path) => {
                let draft = draft_of(path);
                let mut file = BufWriter::new(private(&draft).map_err(|error| unwritable(&draft, &error))?);
                let summary = self.write(services, &mut file).await?;
                // Under its name stands a whole export or none.
                file.get_ref().sync_all()?;
                fs::rename(&draft, path).map_err(|error| unwritable(path, &error))?;
                summary
            }
        };
        eprintln!("{summary}");
        Ok(())
    }

    async fn write(&self, services: &Services, out: &mut impl Write) -> Result<String, CliError> {
        match &self.account {
            Some(name) => one(services, name, out).await,
            None => everything(services, out).await,
        }
    }
}

async fn one(services: &Services, name: &str, out: &mut impl Write) -> Result<String, CliError> {
    let account = services.accounts.find(name).await?;
    let mut export = services.operator.export(account.id).await?;
    let bar = over_documents(Some(services.operator.usage(account.id).await?.documents));
    let lines = copy(out, &bar, async || export.next().await).await?;
    Ok(format!("{} exported", count(lines, "document")))
}

async fn everything(services: &Services, out: &mut impl Write) -> Result<String, CliError> {
    let mut export = services.operator.export_all().await?;
    let lines = copy(out, &over_documents(None), async || export.next().await).await?;
    let accounts = export.accounts();
    Ok(format!("{} and {} exported", count(accounts, "account"), count(lines - accounts, "document")))
}

/// Writes what comes, and tells how many lines it was.
async fn copy(
    out: &mut impl Write,
    bar: &ProgressBar,
    mut next: impl AsyncFnMut() -> ServiceResult<Option<Vec<u8>>>,
) -> Result<u64, CliError> {
    let mut all = 0;
    while let Some(lines) = next().await? {
        out.write_all(&lines)?;
        all += lines.iter().filter(|byte| **byte == b'\n').count() as u64;
        bar.set_position(all);
    }
    out.flush()?;
    bar.finish_and_clear();
    Ok(all)
}

fn draft_of(path: &Path) -> PathBuf {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    draft.into()
}

/// A new file that nobody but its owner can read: there may be password hashes in it.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn unwritable(path: &Path, error: &io::Error) -> CliError {
    CliError::Transfer(format!("cannot write {}: {error}", path.display()))
}
