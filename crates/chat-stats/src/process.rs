//! Processes by number and start time.

use std::fs;

use rustix::process::{Pid, test_kill_process};

/// A process that cannot be mistaken for a later one with the same number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    /// The process number.
    pub pid: u32,
    /// When it started, in clock ticks since boot; 0 if the system does not tell.
    pub start_time: u64,
}

impl Identity {
    /// This process. Asks the system each time, since a fork makes another one of it.
    #[must_use]
    pub fn current() -> Self {
        let pid = std::process::id();
        Self::of(pid).unwrap_or(Self { pid, start_time: 0 })
    }

    /// The running process with this number. One that has ended but was not waited for yet
    /// (a zombie) does not run.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self {
            pid,
            start_time: start_time_of_running(&stat)?,
        })
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        if self.start_time == 0 {
            return is_taken(self.pid);
        }
        Self::of(self.pid) == Some(*self)
    }
}

/// Without start times: whether any process has this number.
fn is_taken(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return false;
    };
    // Anything but 'no such process' means that there is one, if only another user's.
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// The start time in a line of `/proc/<pid>/stat`, unless the process has ended. The name in it is
/// in brackets and may itself hold spaces and brackets.
fn start_time_of_running(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    // The state is field 3 and the start time field 22, as proc(5) counts them.
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_brackets_does_not_confuse() {
        let stat = "42 (a) (b c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 19 20";
        assert_eq!(start_time_of_running(stat), Some(777));
        assert_eq!(start_time_of_running(&stat.replace(" S ", " Z ")), None);
        assert_eq!(start_time_of_running("42 (a) S 1 2"), None);
        assert_eq!(start_time_of_running(""), None);
    }

    #[test]
    #[cfg(not(miri))]
    fn this_process_is_alive_and_others_like_it_are_not() {
        let me = Identity::current();
        assert!(me.is_alive());
        assert!(
            Identity {
                start_time: 0,
                ..me
            }
            .is_alive()
        );
        assert!(
            !Identity {
                start_time: me.start_time + 1,
                ..me
            }
            .is_alive()
        );
        for pid in [0, u32::MAX] {
            assert!(!Identity { pid, start_time: 0 }.is_alive());
        }
    }

    #[test]
    #[cfg(not(miri))]
    fn a_killed_process_is_dead_before_it_was_waited_for() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let identity = Identity::of(child.id()).unwrap();
        child.kill().unwrap();
        // The signal is delivered a moment later.
        let gone = (0..1000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            !identity.is_alive()
        });
        child.wait().unwrap();
        assert!(gone);
    }
}
