//! The far end of links from other processes: a Unix socket in front of the sequencer.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
    time,
};
use tracing::{debug, warn};

use crate::{StartError, carrier, shared::Shared};

/// Connections at the same time; more are closed at once.
const MAX_LINKS: usize = 1024;
/// How long links may take to read what is left for them when the hub stops.
const LEAVE: Duration = Duration::from_secs(5);
/// The pause after the system has refused to accept (no descriptors left).
const PAUSE: Duration = Duration::from_millis(100);

/// A bound socket; removes its name when dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Listens on `path`, for this user only. A name that nobody answers on is taken over.
    pub(crate) fn bind(path: PathBuf) -> Result<Self, StartError> {
        match bind(&path) {
            Ok(listener) => Ok(Self { listener, path }),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(StartError::InUse(path)),
            Err(source) => Err(StartError::Socket { path, source }),
        }
    }
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    let listener = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(path) => {
            fs::remove_file(path)?;
            UnixListener::bind(path)
        }
        bound => bound,
    }?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// A socket's name that is left over: connecting is refused. Other files are not ours to remove.
fn is_stale(path: &Path) -> bool {
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
        && std::os::unix::net::UnixStream::connect(path).is_err_and(refused)
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            debug!(path = %self.path.display(), %error, "cannot remove the hub's socket");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Hub {
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Hub {
    pub(crate) fn start(socket: Socket, shared: Arc<Shared>) -> Self {
        let stop = Arc::new(Notify::new());
        let task = tokio::spawn(serve(socket, shared, Arc::clone(&stop)));
        Self { stop, task }
    }

    /// Stops listening, and waits for the links, which the sequencer has ended before.
    pub(crate) async fn stop(self) {
        self.stop.notify_one();
        if let Err(error) = self.task.await {
            warn!(%error, "the hub has ended badly");
        }
    }
}

async fn serve(socket: Socket, shared: Arc<Shared>, stop: Arc<Notify>) {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            accepted = socket.listener.accept() => match accepted {
                Ok((stream, _)) => accept(stream, &shared, &mut links),
                Err(error) => {
                    warn!(%error, "the hub cannot accept");
                    time::sleep(PAUSE).await;
                }
            },
            Some(_) = links.join_next(), if !links.is_empty() => {}
            () = stop.notified() => break,
        }
    }
    drop(socket);
    let left = async { while links.join_next().await.is_some() {} };
    if time::timeout(LEAVE, left).await.is_err() {
        warn!(
            links = links.len(),
            "links do not read what is left for them"
        );
        links.shutdown().await;
    }
}

fn accept(stream: UnixStream, shared: &Arc<Shared>, links: &mut JoinSet<()>) {
    if links.len() >= MAX_LINKS {
        warn!(links = links.len(), "too many links");
        return;
    }
    links.spawn(carrier::carry(stream, Arc::clone(shared)));
}
