//! The forker's side: a process with one thread that forks servers, and the one call of fork.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use crate::forker::{ForkReply, ForkRequest, ForkedRole};
use crate::packet;
use crate::process::{Exit, reap};

/// The exit code of a role that panicked, as Rust programs have it.
const PANICKED: i32 = 101;

/// Where a fork returned.
#[derive(Debug)]
pub(crate) enum Side {
    Parent { pid: Pid, handle: OwnedFd },
    Child,
}

/// How many threads this process has.
pub(crate) fn thread_count() -> io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/task")?.count())
}

/// Forks. The caller has made sure that this process has one thread only.
pub(crate) fn fork() -> io::Result<Side> {
    // What is buffered would otherwise be written twice.
    io::stdout().flush()?;
    match fork_process() {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Side::Child),
        number => {
            let pid = Pid::from_raw(number).ok_or(io::ErrorKind::InvalidData)?;
            match pidfd_open(pid, PidfdFlags::empty()) {
                Ok(handle) => Ok(Side::Parent { pid, handle }),
                Err(errno) => {
                    // Without its descriptor it could not be watched.
                    let _ = kill_process(pid, Signal::KILL);
                    Err(errno.into())
                }
            }
        }
    }
}

#[expect(unsafe_code, reason = "the one call of fork")]
fn fork_process() -> libc::pid_t {
    // SAFETY: fork is unsafe because of other threads: in the child their locks stay locked and
    // their half-made changes stay so. Both callers run in a process with one thread:
    // `Forker::start` counts the threads just before, and `run_forker` runs in the process forked
    // there, which starts none.
    unsafe { libc::fork() }
}

/// What the forker waits for: a server, and the number by which the launcher knows it.
struct Child {
    number: u64,
    handle: OwnedFd,
}

/// Serves fork requests until the launcher is gone, and exits.
pub(crate) fn run_forker(control: OwnedFd, role: ForkedRole) -> ! {
    // A Ctrl-C is for the launcher, which tells the servers to leave; nobody here reads a terminal.
    let _ = rustix::process::setpgid(None, None);
    if let Ok(null) = std::fs::File::open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&null);
    }
    let serving = Serving {
        control,
        children: Vec::new(),
    };
    match serving.run() {
        None => std::process::exit(0),
        Some(socket) => run_role(socket, role),
    }
}

/// Becomes a server. Nothing unwinds or returns into what was on the stack before the forks.
fn run_role(socket: OwnedFd, role: ForkedRole) -> ! {
    let code = catch_unwind(AssertUnwindSafe(|| role(socket)));
    std::process::exit(code.unwrap_or(PANICKED))
}

/// The forker at work.
struct Serving {
    control: OwnedFd,
    children: Vec<Child>,
}

impl Serving {
    /// Returns `None` in the forker when the launcher is gone, and the control socket in a new
    /// server. All else that the forker had open is closed then: a server that kept the forker's
    /// socket would keep the launcher from seeing the forker's end. The sockets of other servers
    /// are never here, for each is dropped once its server has been forked.
    fn run(mut self) -> Option<OwnedFd> {
        loop {
            let ready = self.wait().ok()?;
            for &index in ready.ended.iter().rev() {
                let child = self.children.swap_remove(index);
                self.tell_end(&child);
            }
            if ready.request {
                let packet = packet::receive(self.control.as_fd(), &mut [0; 64]).ok()?;
                let ForkRequest { number } = packet.message;
                if let Some(socket) = self.serve(number, packet.fd) {
                    return Some(socket);
                }
            }
        }
    }

    /// Waits for a request, the launcher's end or the end of a server.
    fn wait(&self) -> Result<Ready, Errno> {
        let handles = self.children.iter().map(|child| child.handle.as_fd());
        let all = std::iter::once(self.control.as_fd()).chain(handles);
        let mut polled: Vec<PollFd<'_>> = all
            .map(|fd: BorrowedFd<'_>| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        while let Err(errno) = poll(&mut polled, None) {
            if errno != Errno::INTR {
                return Err(errno);
            }
        }
        let happened = |fd: &PollFd<'_>| !fd.revents().is_empty();
        let (request, children) = polled.split_first().ok_or(Errno::INVAL)?;
        let ended = children.iter().enumerate();
        let ended = ended.filter(|(_, fd)| happened(fd)).map(|(index, _)| index);
        Ok(Ready {
            request: happened(request),
            ended: ended.collect(),
        })
    }

    /// Forks one server. In it, its control socket is returned; in the forker, nothing.
    fn serve(&mut self, number: u64, socket: Option<OwnedFd>) -> Option<OwnedFd> {
        let forked = match socket {
            Some(socket) => fork().map(|side| (side, socket)),
            None => Err(Errno::MFILE.into()),
        };
        match forked {
            Ok((Side::Child, socket)) => return Some(socket),
            Ok((Side::Parent { pid, handle }, _socket)) => {
                let pid = pid.as_raw_pid();
                let reply = ForkReply::Forked { number, pid };
                self.tell(&reply, Some(handle.as_fd()));
                self.children.push(Child { number, handle });
            }
            Err(error) => {
                let errno = error.raw_os_error().unwrap_or(0);
                self.tell(&ForkReply::Failed { number, errno }, None);
            }
        }
        None
    }

    fn tell_end(&self, child: &Child) {
        let (code, signal) = match reap(&child.handle) {
            Exit::Code(code) => (Some(code), None),
            Exit::Signal(signal) => (None, Some(signal)),
            Exit::Unknown => (None, None),
        };
        let number = child.number;
        let reply = ForkReply::Ended {
            number,
            code,
            signal,
        };
        self.tell(&reply, None);
    }

    /// A launcher that cannot be told is gone, which the next wait shows.
    fn tell(&self, reply: &ForkReply, handle: Option<BorrowedFd<'_>>) {
        let _ = packet::send(self.control.as_fd(), reply, handle);
    }
}

/// What a wait brought.
struct Ready {
    request: bool,
    /// Places in the list of children, rising.
    ended: Vec<usize>,
}
