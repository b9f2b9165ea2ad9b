//! One started program of ours, and the folder it works in.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::PATIENCE;

/// Lines of a program's output that may wait for the test.
const OUTPUT_LINES: usize = 10_000;

/// The path of a built program, such as `chat-launcher`.
///
/// # Panics
///
/// It has not been built.
#[must_use]
pub fn program_path(name: &str) -> PathBuf {
    let folder = std::env::var_os("CHAT_PROGRAMS").map_or_else(
        || {
            let test = std::env::current_exe().expect("the test knows where it is");
            let folder = test.parent().expect("it is in a folder");
            // Tests lie in target/debug/deps, the programs one above.
            folder.parent().expect("of the target folder").to_owned()
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    assert!(
        path.is_file(),
        "{} is not built: cargo build --workspace --bins",
        path.display()
    );
    path
}

/// A temporary folder with a database and a run directory of its own.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Folder {
    /// A new, empty one; removed when dropped.
    #[must_use]
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the programs that are started in it keep their database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path().join("storage.db")
    }

    /// A name for an instance that no other test has.
    ///
    /// # Panics
    ///
    /// The folder has no name.
    #[must_use]
    pub fn instance(&self) -> String {
        let name = self.path().file_name().expect("it was made with a name");
        let name = name.to_string_lossy();
        name.chars().filter(char::is_ascii_alphanumeric).collect()
    }

    /// A command for a program of ours that keeps everything in this folder.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        self.command_of(&program_path(name))
    }

    /// A command for any program that keeps everything in this folder.
    #[must_use]
    pub fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("XDG_RUNTIME_DIR", self.path())
            .env("XDG_STATE_HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null());
        command
    }

    /// `program` with `arguments` on a terminal of its own, given by script(1): what is written to
    /// standard input is typed, standard output is the screen, the exit status is the program's.
    ///
    /// script(1) hands its command to a shell. `exec` leaves the program alone on the terminal:
    /// some shells answer Ctrl-C for a program that has already answered it.
    #[must_use]
    pub fn terminal(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut line = format!("exec '{}'", program.display());
        for argument in arguments {
            line.push_str(&format!(" '{argument}'"));
        }
        let mut command = self.command_of(Path::new("script"));
        command
            .args(["-q", "-f", "-e", "-c", &line, "/dev/null"])
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    /// Writes `chat.toml` for a load test: a free port, no flood limit, long queues; its path.
    ///
    /// # Panics
    ///
    /// The folder is not writable.
    #[must_use]
    pub fn load_config(&self) -> String {
        let path = self.path().join("chat.toml");
        let text = "[server]\nlisten = [\"127.0.0.1:0\"]\n\
                    [limits]\nflood = false\nsendq = 67108864\n";
        std::fs::write(&path, text).expect("the folder is writable");
        path.into_os_string().into_string().expect("a UTF-8 path")
    }

    /// Starts chat-launcher on a free port with these further arguments and waits until it serves.
    #[must_use]
    #[track_caller]
    pub fn launcher(&self, arguments: &[&str]) -> Program {
        self.start("chat-launcher", arguments)
    }

    /// Starts chat-server on a free port with these further arguments and waits until it serves.
    #[must_use]
    #[track_caller]
    pub fn server(&self, arguments: &[&str]) -> Program {
        self.start("chat-server", arguments)
    }

    #[track_caller]
    fn start(&self, name: &str, arguments: &[&str]) -> Program {
        let mut command = self.command(name);
        command.arg("--database").arg(self.database());
        if !arguments.contains(&"--listen") && !arguments.contains(&"--config") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut program = Program::spawn(command.args(arguments));
        let line = program.output("Connect to ");
        program.address = line
            .trim_start_matches("Connect to ")
            .split_whitespace()
            .next()
            .and_then(|address| address.parse().ok());
        program
    }
}

/// A started program. Killed when dropped, if it still runs.
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    /// All output so far, for the message of a failing wait.
    seen: Vec<String>,
    address: Option<SocketAddr>,
}

impl Program {
    /// Starts a command and reads what it prints.
    ///
    /// # Panics
    ///
    /// It cannot be started.
    #[must_use]
    #[track_caller]
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = read_lines(child.stdout.take(), child.stderr.take());
        Self {
            child,
            lines,
            seen: Vec::new(),
            address: None,
        }
    }

    /// Where clients connect.
    ///
    /// # Panics
    ///
    /// The program has not said it.
    #[must_use]
    #[track_caller]
    pub fn address(&self) -> SocketAddr {
        self.address.expect("the program said where to connect")
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of output that contains `part`.
    ///
    /// # Panics
    ///
    /// It does not come.
    #[track_caller]
    pub fn output(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(part) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no {part:?} was printed; seen: {:#?}", self.seen)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended without {part:?}; seen: {:#?}", self.seen)
                }
            }
        }
    }

    /// All lines of output so far.
    #[must_use]
    pub fn seen(&mut self) -> &[String] {
        while let Ok(line) = self.lines.try_recv() {
            self.seen.push(line);
        }
        &self.seen
    }

    /// All lines of output so far, and those to come until it ends.
    #[must_use]
    pub fn all_output(&mut self) -> Vec<String> {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.seen.push(line);
        }
        self.seen.clone()
    }

    /// The process id that the program's output gave a server, such as `Server-2`, last.
    ///
    /// # Panics
    ///
    /// It was not said.
    #[must_use]
    #[track_caller]
    pub fn server_process(&mut self, server: &str) -> u32 {
        let _ = self.seen();
        let start = format!("{server} is up (process ");
        let line = self.seen.iter().rev().find(|line| line.contains(&start));
        let line = line.unwrap_or_else(|| panic!("{server} is not up; seen: {:#?}", self.seen));
        let digits = line[line.find(&start).expect("found") + start.len()..]
            .split(')')
            .next();
        digits.and_then(|id| id.parse().ok()).expect("a process id")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        signal_process(self.child.id(), signal);
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    #[track_caller]
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended()
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    ///
    /// It does not end.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("does not end; seen: {:#?}", self.all_output());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
            // What a killed program leaves in shared memory, under the name that port 0 gives.
            let user = rustix::process::getuid().as_raw();
            let id = self.child.id();
            let _ = std::fs::remove_file(format!("/dev/shm/client_status.{user}.p{id}"));
        }
    }
}

/// Sends a signal to a process that the test knows to be its own.
///
/// # Panics
///
/// The id is not one of a process.
pub fn signal_process(id: u32, signal: Signal) {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    let _ = kill_process(id.expect("a process id"), signal);
}

/// Reads both outputs on threads of their own, so that the program never waits for the test.
fn read_lines(stdout: Option<ChildStdout>, stderr: Option<ChildStderr>) -> Receiver<String> {
    let (sender, receiver) = sync_channel(OUTPUT_LINES);
    let other = sender.clone();
    let stdout = stdout.expect("piped");
    let stderr = stderr.expect("piped");
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.try_send(line);
        }
    });
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = other.try_send(line);
        }
    });
    receiver
}
