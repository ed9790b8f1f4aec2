//! The MongoDB server that all subjects with a MongoDB share: a replica set of one, so that a write can be asked to be in
//! the journal.

use std::fs;
use std::path::Path;

use super::process::{Process, free_port};
use crate::found::failed_at;
use crate::mongod;
use crate::step::{Result, command, heading, run};

/// A server that runs, and ends with its handle.
#[derive(Debug)]
pub(crate) struct Database {
    process: Process,
}

impl Database {
    /// Starts a server with an empty directory within `folder`; `floor` is the program that can talk to it.
    pub(crate) fn start(root: &Path, folder: &Path, floor: &Path) -> Result<Self> {
        heading("MongoDB");
        let mongod = mongod::find(root)?;
        let data = folder.join("mongodb");
        fs::create_dir_all(&data).map_err(failed_at(&data))?;
        let port = free_port()?;
        let mut server = command(folder, &mongod.to_string_lossy(), &["--bind_ip", "127.0.0.1", "--replSet", "rs0"]);
        server.args(["--port", &port.to_string()]).arg("--dbpath").arg(&data).args(["--nounixsocket", "--quiet"]);
        server.args(["--wiredTigerCacheSizeGB", "1", "--oplogSize", "512"]);
        let process = Process::start(server, port, &folder.join("mongodb.log"))?;
        run(command(folder, &floor.to_string_lossy(), &["initiate", &format!("127.0.0.1:{port}")]))?;
        Ok(Self { process })
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where it is, with options.
    pub(crate) fn uri(&self) -> String {
        format!("mongodb://127.0.0.1:{}/?replicaSet=rs0", self.process.port())
    }

    /// Where a database in it is, for those who want its name in the path.
    pub(crate) fn uri_of(&self, name: &str) -> String {
        format!("mongodb://127.0.0.1:{}/{name}?replicaSet=rs0", self.process.port())
    }
}
