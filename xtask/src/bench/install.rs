//! What the peers are made of: parts that their folders in bench/peers name, fetched into target/bench/parts.
//!
//! * `packages.txt`: Debian packages. They are unpacked, not installed, so that nothing starts by itself and nobody needs
//!   to be root.
//! * `requirements.txt`: Python packages, into a virtual environment.
//! * `package.json`: npm packages.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::found::{can_install, failed_at};
use crate::step::{Failure, Result, ask, command, heading, run, told};

/// Where the parts of a peer are.
#[derive(Debug)]
pub(crate) struct Parts {
    folder: PathBuf,
}

impl Parts {
    /// Fetches what the peer in `peer` says it needs, unless it is there.
    pub(crate) fn fetch(root: &Path, peer: &Path, name: &str) -> Result<Self> {
        let folder = root.join("target/bench/parts").join(name);
        let parts = Self { folder };
        let mut wanted = String::new();
        let lists = ["packages.txt", "requirements.txt", "package.json", "package-lock.json"];
        for list in lists {
            let text = fs::read_to_string(peer.join(list)).unwrap_or_default();
            wanted += &format!("== {list}\n{text}\n");
        }
        let stamp = parts.folder.join("fetched");
        if fs::read_to_string(&stamp).is_ok_and(|fetched| fetched == wanted) {
            return Ok(parts);
        }
        heading(&format!("{name}: fetching it"));
        if parts.folder.exists() {
            fs::remove_dir_all(&parts.folder).map_err(failed_at(&parts.folder))?;
        }
        fs::create_dir_all(&parts.folder).map_err(failed_at(&parts.folder))?;
        if peer.join("packages.txt").is_file() {
            parts.unpack_debian(&peer.join("packages.txt"))?;
        }
        if peer.join("requirements.txt").is_file() {
            parts.fill_python(&peer.join("requirements.txt"))?;
        }
        if peer.join("package.json").is_file() {
            parts.fill_npm(peer)?;
        }
        // Last of all, so that parts that are half there are fetched again.
        fs::write(&stamp, wanted).map_err(failed_at(&stamp))?;
        Ok(parts)
    }

    fn unpack_debian(&self, list: &Path) -> Result {
        let packages = fs::read_to_string(list).map_err(failed_at(list))?;
        let packages: Vec<&str> = packages.split_whitespace().collect();
        if can_install(&self.folder) {
            run(command(&self.folder, "apt-get", &["update", "--quiet"]))?;
        }
        // What an installation would bring is what is missing, with all that it needs.
        let mut simulation = command(&self.folder, "apt-get", &["install", "--simulate", "--no-install-recommends"]);
        simulation.args(&packages);
        let needs = |reason| Failure::Told(format!("Debian packages {}: {reason}", packages.join(", ")));
        let simulated = ask(simulation).map_err(needs)?;
        let missing: Vec<&str> =
            simulated.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut download = command(&self.folder, "apt-get", &["download", "--quiet"]);
        download.args(missing);
        run(download)?;
        for entry in fs::read_dir(&self.folder).map_err(failed_at(&self.folder))?.flatten() {
            let package = entry.path();
            if package.extension().is_some_and(|extension| extension == "deb") {
                run(command(&self.folder, "dpkg-deb", &["--extract", &package.to_string_lossy(), "debian"]))?;
                fs::remove_file(&package).map_err(failed_at(&package))?;
            }
        }
        Ok(())
    }

    fn fill_python(&self, list: &Path) -> Result {
        run(command(&self.folder, "python3", &["-m", "venv", "python"]))?;
        let mut pip = command(&self.folder, "python/bin/pip", &["install", "--quiet", "--requirement"]);
        pip.arg(list);
        run(pip)
    }

    fn fill_npm(&self, peer: &Path) -> Result {
        for file in ["package.json", "package-lock.json"] {
            let (from, to) = (peer.join(file), self.folder.join(file));
            if from.is_file() {
                fs::copy(&from, &to).map_err(failed_at(&from))?;
            }
        }
        run(command(&self.folder, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))
    }

    /// Where npm's packages are.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where programs are, before those of the machine.
    pub(crate) fn path(&self) -> String {
        let own = ["python/bin", "debian/usr/bin", "debian/usr/sbin"].map(|bin| self.folder.join(bin));
        let machine = env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(env::split_paths(&machine));
        env::join_paths(all).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Where the libraries of unpacked packages are.
    pub(crate) fn libraries(&self) -> String {
        let of = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let base = self.folder.join("debian/usr/lib");
        let folders = of(base.clone()).filter(|path| path.to_string_lossy().contains("-linux-"));
        let all: Vec<String> = folders.chain([base.clone()]).map(|path| path.display().to_string()).collect();
        all.join(":")
    }
}

/// The first file of the PATH with this name.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The folder of a peer, which must be there.
pub(crate) fn peer(root: &Path, name: &str) -> Result<PathBuf> {
    let folder = root.join("bench/peers").join(name);
    if folder.join("start.sh").is_file() { Ok(folder) } else { told(format!("{} has no start.sh", folder.display())) }
}
