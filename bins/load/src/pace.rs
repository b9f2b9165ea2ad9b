//! Waiting to the microsecond: the runtime's own timers are coarse.

use std::io;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::net::unix::pipe::Receiver;

/// One timer.
#[derive(Debug)]
pub(crate) struct Pace {
    /// A descriptor that is read from: to the runtime it is the same as a pipe.
    timer: Receiver,
}

impl Pace {
    /// A timer that nothing waits for yet.
    ///
    /// # Errors
    ///
    /// No descriptor is left.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self {
            timer: Receiver::from_owned_fd_unchecked(timer)?,
        })
    }

    /// Waits so many nanoseconds.
    ///
    /// # Errors
    ///
    /// The timer cannot be set.
    pub(crate) async fn sleep(&self, nanoseconds: u64) -> io::Result<()> {
        let (seconds, nanoseconds) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        let zero = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let value = Timespec {
            tv_sec: i64::try_from(seconds).unwrap_or(i64::MAX),
            // Zero would stop the timer.
            tv_nsec: nanoseconds.max(1).try_into().unwrap_or(1),
        };
        let setting = Itimerspec {
            it_interval: zero,
            it_value: value,
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &setting)?;
        loop {
            self.timer.readable().await?;
            let mut count = [0_u8; 8];
            match self.timer.try_read(&mut count) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read.map(drop),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn it_waits_long_enough_again_and_again() {
        let pace = Pace::new().unwrap();
        for micros in [0, 50, 300, 1500] {
            let began = Instant::now();
            pace.sleep(micros * 1000).await.unwrap();
            assert!(began.elapsed() >= Duration::from_micros(micros));
        }
    }
}
