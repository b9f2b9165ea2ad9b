//! A tiny server: it greets with its name and answers each line with it.

use std::os::fd::OwnedFd;
use std::process::ExitCode;
use std::time::Duration;

use chat_stats::{Board, Slot};
use chat_supervisor::role::{Leave, Notices, Role, RoleError};
use chat_transport::{Connection, Listener};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// What a server is told: how to behave, and the name of the board.
pub(crate) fn payload(mode: &str, board: &str) -> Vec<u8> {
    format!("{mode} {board}").into_bytes()
}

/// The role of a program started again.
pub(crate) fn program() -> ExitCode {
    match runtime().block_on(async { serve(Role::inherited().await).await }) {
        0 => ExitCode::SUCCESS,
        code => ExitCode::from(u8::try_from(code).unwrap()),
    }
}

/// The role of a forked process.
pub(crate) fn forked(control: OwnedFd) -> i32 {
    runtime().block_on(async { serve(Role::receive(control).await).await })
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

async fn serve(role: Result<Role, RoleError>) -> i32 {
    let mut role = match role {
        Ok(role) => role,
        Err(_) => return 70,
    };
    let payload = String::from_utf8(role.payload().to_vec()).unwrap();
    let (mode, board) = payload.split_once(' ').unwrap();
    if mode == "crash" {
        return 9;
    }
    if mode == "mute" {
        return forever().await;
    }
    let board = Board::open(board).unwrap();
    let server = Server {
        registers: mode != "shy",
        name: role.name().to_owned(),
        slot: board.slot(role.index()),
    };
    let mut direct = match role.take_direct() {
        Some(fd) => Listener::from_owned_fds([fd]).unwrap(),
        None => Listener::bind(&[]).unwrap(),
    };
    let (mut incoming, notices) = role.ready().await.unwrap();
    if mode == "sleepy" || mode == "stubborn" {
        return forever().await;
    }
    let mut drain = notices.clone();
    let mut clients = JoinSet::new();
    loop {
        let connection = tokio::select! {
            connection = incoming.next() => match connection {
                Some(connection) => connection,
                None => break,
            },
            connection = direct.accept() => {
                if !server.slot.take_place() {
                    continue;
                }
                connection.unwrap()
            }
            () = drain.draining() => break,
            Some(_) = clients.join_next() => continue,
        };
        clients.spawn(server.clone().talk(connection, notices.clone()));
    }
    // What was on its way is still served.
    while let Some(connection) = incoming.next().await {
        clients.spawn(server.clone().talk(connection, notices.clone()));
    }
    drop(direct);
    while clients.join_next().await.is_some() {}
    0
}

async fn forever() -> i32 {
    tokio::time::sleep(Duration::from_secs(3600)).await;
    1
}

#[derive(Clone)]
struct Server {
    /// Whether its clients count as on.
    registers: bool,
    name: String,
    slot: Slot,
}

impl Server {
    /// A client says `die` to kill the server and leaves by closing.
    async fn talk(self, connection: Connection, mut notices: Notices) {
        if self.registers {
            self.slot.admitted();
        }
        assert!(connection.peer.address.is_some(), "it came over TCP");
        let mut stream = BufReader::new(connection.into_stream().unwrap());
        let greeting = format!("hello from {}\n", self.name);
        let mut open = stream.write_all(greeting.as_bytes()).await.is_ok();
        while open {
            let mut line = String::new();
            tokio::select! {
                read = stream.read_line(&mut line) => match read {
                    Ok(count) if count > 0 => {
                        if line == "die\n" {
                            std::process::abort();
                        }
                        let answer = format!("{}: {line}", self.name);
                        open = stream.write_all(answer.as_bytes()).await.is_ok();
                    }
                    _ => open = false,
                },
                leave = notices.leave() => {
                    let reason = match leave {
                        Leave::Asked { reason } => reason,
                        Leave::LauncherGone => "the launcher is gone".to_owned(),
                    };
                    let _ = stream.write_all(format!("ERROR :{reason}\n").as_bytes()).await;
                    open = false;
                }
            }
        }
        if self.registers {
            self.slot.left();
        }
        self.slot.give_back();
    }
}
