//! Where the tests get their browser from: Chromium, and ChromeDriver to drive it with.
//!
//! Each is the one that its variable names, or the one on the PATH. Where one is missing, both come from Debian's
//! packages, whose versions fit together.

use std::path::{Path, PathBuf};

use crate::found::{can_install, install, program};
use crate::step::{Result, heading, told};

/// Names a ChromeDriver to use, and passes it on to the tests.
pub(crate) const DRIVER_VARIABLE: &str = "KEYBIN_TEST_CHROMEDRIVER";

/// Names a Chromium to use, and passes it on to the tests.
pub(crate) const VARIABLE: &str = "KEYBIN_TEST_CHROMIUM";

/// Debian's packages.
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// A browser that runs.
#[derive(Debug)]
pub(crate) struct Chromium {
    pub(crate) driver: PathBuf,
    pub(crate) browser: PathBuf,
}

/// The paths of both programs.
pub(crate) fn find(root: &Path) -> Result<Chromium> {
    if let Some(found) = look(root)? {
        return Ok(found);
    }
    if can_install(root) {
        heading("Chromium: installing it");
        install(root, &PACKAGES)?;
        if let Some(found) = look(root)? {
            return Ok(found);
        }
    }
    told(format!(
        "The tests need Chromium and ChromeDriver. Install them (Debian: `apt-get install {}`), or name them with \
         {VARIABLE} and {DRIVER_VARIABLE}",
        PACKAGES.join(" ")
    ))
}

fn look(root: &Path) -> Result<Option<Chromium>> {
    let driver = program(root, DRIVER_VARIABLE, "chromedriver")?;
    let browser = program(root, VARIABLE, "chromium")?;
    Ok(driver.zip(browser).map(|(driver, browser)| Chromium { driver, browser }))
}
