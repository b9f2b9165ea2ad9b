//! Starting a server as a program of its own.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::process::Process;

/// A program that takes the role of a server when it is started with these arguments: it calls
/// [`Role::inherited`](crate::role::Role::inherited).
#[derive(Debug, Clone)]
pub struct Program {
    executable: PathBuf,
    name: Option<OsString>,
    arguments: Vec<OsString>,
}

impl Program {
    /// The running program itself, with other arguments.
    ///
    /// It is started from the running image, not from its path: a file that was replaced meanwhile
    /// by another version cannot become a server of this launcher.
    pub fn this(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Program {
        Program {
            executable: PathBuf::from("/proc/self/exe"),
            name: std::env::args_os().next(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// Another program.
    pub fn other(
        executable: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Program {
        Program {
            executable: executable.into(),
            name: None,
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// Starts it with `control` as its standard input, the one descriptor that a program receives
    /// and gives up again without `unsafe`. Nothing else is inherited: what this workspace opens is
    /// closed on exec.
    ///
    /// It gets a process group of its own, so that a Ctrl-C meant for the launcher does not reach
    /// it before the launcher has told it to leave.
    pub(crate) fn start(&self, control: OwnedFd) -> io::Result<Process> {
        let mut command = Command::new(&self.executable);
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        command.args(&self.arguments).stdin(Stdio::from(control));
        let child = command.process_group(0).spawn()?;
        // The command owns the server's end of the control socket. Kept, it would keep the launcher
        // from seeing the end of the server.
        drop(command);
        Process::of_child(child.id())
    }
}
