//! A proxy in front of a server, as a bad network is one: it can hold what it carries, drop it, or lose the answers alone,
//! and it tells apart for whom it carries.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// It arrives.
    Whole,
    /// It is held until the link changes; nobody is told.
    Stalled,
    /// Connections break, and new ones break at once.
    Cut,
    /// What is asked arrives, what is answered does not.
    Deaf,
}

/// What a proxy makes of the bytes that are asked, in place.
pub(crate) type Rewrite = fn(&mut [u8]);

/// One server's proxy. Connections are those of the processes that it was told of, in their order, or of anybody else.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    /// One link for each known process, and the last for everybody else.
    links: Vec<watch::Sender<Link>>,
    processes: watch::Sender<Vec<u32>>,
    rewrite: watch::Sender<Option<Rewrite>>,
    /// What is to be in the request that strands its connection.
    strand: Mutex<Option<&'static [u8]>>,
}

impl Proxy {
    /// A proxy in front of `target` that tells so many processes apart.
    pub(crate) async fn start(target: SocketAddr, processes: usize) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let links = (0..=processes).map(|_| watch::Sender::new(Link::Whole)).collect();
        let processes = watch::Sender::new(vec![0; processes]);
        let shared =
            Arc::new(Shared { target, links, processes, rewrite: watch::Sender::new(None), strand: Mutex::default() });
        let task = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { port, shared, task })
    }

    /// Where it listens: `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// Tells which process is the `nth`, from now on.
    pub(crate) fn know(&self, nth: usize, process: u32) {
        self.shared.processes.send_modify(|processes| processes[nth] = process);
    }

    /// Sets the link to the `nth` process.
    pub(crate) fn set(&self, nth: usize, link: Link) {
        self.shared.links[nth].send_replace(link);
    }

    /// Sets the link to everybody who is not known.
    pub(crate) fn set_others(&self, link: Link) {
        self.set(self.shared.links.len() - 1, link);
    }

    /// Strands the connection of the next request that holds these bytes: the request arrives, and from then on nothing
    /// comes back and the connection does not break, as if a firewall on the way had forgotten it. Others are not concerned.
    pub(crate) fn strand_next(&self, holding: &'static [u8]) {
        *self.shared.strand.lock().expect("nobody panics with it") = Some(holding);
    }

    /// Whether such a request has come.
    pub(crate) fn has_stranded(&self) -> bool {
        self.shared.strand.lock().expect("nobody panics with it").is_none()
    }

    /// Changes what others than the known processes ask, from now on.
    pub(crate) fn rewrite(&self, rewrite: Rewrite) {
        self.shared.rewrite.send_replace(Some(rewrite));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // Ends with the proxy.
    while let Ok((connection, peer)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            // A server that is away is a connection that breaks.
            let _broken = serve(connection, peer, &shared).await;
        });
    }
}

async fn serve(asking: TcpStream, peer: SocketAddr, shared: &Shared) -> io::Result<()> {
    let others = shared.links.len() - 1;
    let nth = owner(peer, &shared.processes.borrow()).unwrap_or(others);
    let link = shared.links[nth].subscribe();
    if *link.borrow() == Link::Cut {
        return Ok(());
    }
    let answering = TcpStream::connect(shared.target).await?;
    asking.set_nodelay(true)?;
    answering.set_nodelay(true)?;
    let (from_asking, to_asking) = asking.into_split();
    let (from_answering, to_answering) = answering.into_split();
    let stranded = AtomicBool::new(false);
    let asked = |bytes: &mut [u8]| {
        if nth == others {
            if let Some(rewrite) = *shared.rewrite.borrow() {
                rewrite(bytes);
            }
            let mut strand = shared.strand.lock().expect("nobody panics with it");
            if strand.take_if(|holding| bytes.windows(holding.len()).any(|part| part == *holding)).is_some() {
                stranded.store(true, Ordering::SeqCst);
            }
        }
        true
    };
    let answered = |_: &mut [u8]| !stranded.load(Ordering::SeqCst) && *shared.links[nth].borrow() != Link::Deaf;
    // Where one way ends, the other does.
    tokio::select! {
        () = carry(from_asking, to_answering, link.clone(), asked) => {}
        () = carry(from_answering, to_asking, link, answered) => {}
    }
    Ok(())
}

/// Carries bytes one way, as far as `arrive` lets them.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut link: watch::Receiver<Link>,
    arrive: impl Fn(&mut [u8]) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            changed = link.wait_for(|link| *link == Link::Cut) => return drop(changed),
        };
        let Ok(read @ 1..) = read else { return };
        let Ok(now) = link.wait_for(|link| *link != Link::Stalled).await.map(|now| *now) else { return };
        if now == Link::Cut {
            return;
        }
        let bytes = &mut buffer[..read];
        if arrive(bytes) && to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

/// Which of the processes has the socket on the other side of a connection on this machine, as the kernel tells in
/// `/proc` (proc(5)).
fn owner(peer: SocketAddr, processes: &[u32]) -> Option<usize> {
    let sockets = fs::read_to_string("/proc/net/tcp").ok()?;
    let local = format!("0100007F:{:04X}", peer.port());
    let columns = sockets.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let inodes: HashSet<String> = columns
        .filter(|columns| columns.get(1) == Some(&local.as_str()))
        .filter_map(|columns| columns.get(9).map(|inode| format!("socket:[{inode}]")))
        .collect();
    processes.iter().position(|process| {
        let files = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        let mut links = files.filter_map(|file| fs::read_link(file.path()).ok());
        links.any(|link| inodes.contains(&*link.to_string_lossy()))
    })
}
