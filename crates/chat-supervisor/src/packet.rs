//! One message, at most one descriptor: the bare system calls of a control socket.
//!
//! `SOCK_SEQPACKET` keeps messages apart and shows the other end's death as a clean end of file.
//! An empty message would look like that end, so none is ever sent.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest message. An assignment carries the role's payload, everything else is small.
pub(crate) const MAX_MESSAGE: usize = 64 * 1024;

/// The longest payload of a role, in bytes: what else is in its assignment needs less than the rest.
pub const MAX_PAYLOAD: usize = MAX_MESSAGE - 1024;

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The other end does not read fast enough, or too many descriptors are on their way.
    #[error("the control socket is full")]
    Full,
    /// The other end is gone.
    #[error("the control socket is closed")]
    Closed,
    /// It cannot be put into one message of [`MAX_MESSAGE`] bytes.
    #[error("a control message is too large")]
    TooLarge,
    /// Anything else that the system said.
    #[error("the control socket failed: {0}")]
    Failed(Errno),
}

/// Why no message was received.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecvError {
    /// Nothing is there now.
    #[error("nothing to receive")]
    Empty,
    /// The other end is gone and everything that it sent has been received.
    #[error("the control socket is closed")]
    Closed,
    /// The message means nothing here: the other end is another program, or another version.
    #[error("a control message cannot be understood")]
    Unknown,
    /// Anything else that the system said.
    #[error("the control socket failed: {0}")]
    Failed(Errno),
}

/// What one receive brought.
#[derive(Debug)]
pub(crate) struct Packet<M> {
    pub(crate) message: M,
    /// The descriptor that came along. The kernel drops it when this process has no room for one
    /// more, so a message may have lost what was sent with it.
    pub(crate) fd: Option<OwnedFd>,
}

/// The two ends of a new control socket, both closed on exec and blocking.
pub(crate) fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = SocketFlags::CLOEXEC;
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
}

/// Sends one message and a copy of `fd`. Never waits unless the descriptor is a blocking one.
pub(crate) fn send(
    socket: BorrowedFd<'_>,
    message: &impl Serialize,
    fd: Option<BorrowedFd<'_>>,
) -> Result<(), SendError> {
    let bytes = postcard::to_stdvec(message).map_err(|_| SendError::TooLarge)?;
    if bytes.len() > MAX_MESSAGE {
        return Err(SendError::TooLarge);
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds = fd.map(|fd| [fd]);
    if let Some(fds) = &fds {
        let pushed = control.push(SendAncillaryMessage::ScmRights(fds));
        debug_assert!(pushed, "the space is for one descriptor");
    }
    loop {
        let pieces = [IoSlice::new(&bytes)];
        return match sendmsg(socket, &pieces, &mut control, SendFlags::NOSIGNAL) {
            Ok(_all) => Ok(()),
            Err(Errno::INTR) => continue,
            Err(Errno::AGAIN | Errno::TOOMANYREFS | Errno::NOBUFS) => Err(SendError::Full),
            Err(Errno::PIPE | Errno::CONNRESET | Errno::NOTCONN) => Err(SendError::Closed),
            Err(Errno::MSGSIZE) => Err(SendError::TooLarge),
            Err(errno) => Err(SendError::Failed(errno)),
        };
    }
}

/// Receives one message. `buffer` must be as large as the largest that can come.
pub(crate) fn receive<M: DeserializeOwned>(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
) -> Result<Packet<M>, RecvError> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut pieces = [IoSliceMut::new(buffer)];
        match recvmsg(socket, &mut pieces, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(received) => break received,
            // The other end died with messages of ours unread. That is told once, before what it
            // had sent itself, which must not be lost: it may be acknowledgements.
            Err(Errno::INTR | Errno::CONNRESET) => {}
            Err(Errno::AGAIN) => return Err(RecvError::Empty),
            Err(errno) => return Err(RecvError::Failed(errno)),
        }
    };
    let fd = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    if received.flags.contains(ReturnFlags::TRUNC) {
        return Err(RecvError::Unknown);
    }
    match buffer.get(..received.bytes) {
        None | Some([]) => Err(RecvError::Closed),
        Some(bytes) => {
            let message = postcard::from_bytes(bytes).map_err(|_| RecvError::Unknown)?;
            Ok(Packet { message, fd })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::{FdFlags, fcntl_getfd, ioctl_fionbio};
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    fn ends() -> (OwnedFd, OwnedFd) {
        let (a, b) = pair().unwrap();
        ioctl_fionbio(&a, true).unwrap();
        ioctl_fionbio(&b, true).unwrap();
        (a, b)
    }

    #[test]
    fn a_descriptor_travels_and_is_closed_on_exec() {
        let (a, b) = ends();
        let (mut near, far) = UnixStream::pair().unwrap();
        send(a.as_fd(), &7_u32, Some(far.as_fd())).unwrap();
        drop(far);
        let packet = receive::<u32>(b.as_fd(), &mut [0; 64]).unwrap();
        assert_eq!(packet.message, 7);
        let fd = packet.fd.unwrap();
        assert!(fcntl_getfd(&fd).unwrap().contains(FdFlags::CLOEXEC));
        UnixStream::from(fd).write_all(b"through").unwrap();
        let mut text = String::new();
        near.read_to_string(&mut text).unwrap();
        assert_eq!(text, "through", "and no copy is left open");
    }

    #[test]
    fn a_reader_that_sleeps_makes_it_full_and_reading_makes_room() {
        let (a, b) = ends();
        let mut sent = 0_u32;
        loop {
            match send(a.as_fd(), &sent, Some(b.as_fd())) {
                Ok(()) => sent += 1,
                Err(SendError::Full) => break,
                Err(error) => panic!("{error}"),
            }
            assert!(sent < 100_000, "a socket has a bound");
        }
        let mut buffer = [0; 64];
        for expected in 0..sent {
            let packet = receive::<u32>(b.as_fd(), &mut buffer).unwrap();
            assert_eq!(packet.message, expected);
        }
        let empty = receive::<u32>(b.as_fd(), &mut buffer).unwrap_err();
        assert!(matches!(empty, RecvError::Empty));
        send(a.as_fd(), &sent, None).unwrap();
    }

    #[test]
    fn what_a_dead_peer_had_said_is_still_heard() {
        let (a, b) = ends();
        send(b.as_fd(), &"last words", None).unwrap();
        send(a.as_fd(), &"never read", None).unwrap();
        drop(b);
        let mut buffer = [0; 64];
        let packet = receive::<String>(a.as_fd(), &mut buffer).unwrap();
        assert_eq!(packet.message, "last words");
        let end = receive::<String>(a.as_fd(), &mut buffer).unwrap_err();
        assert!(matches!(end, RecvError::Closed));
        let gone = send(a.as_fd(), &"anyone?", None).unwrap_err();
        assert!(matches!(gone, SendError::Closed));
    }

    #[test]
    fn what_does_not_fit_is_refused_at_both_ends() {
        let (a, b) = ends();
        let large = vec![0_u8; MAX_MESSAGE];
        let refused = send(a.as_fd(), &large, None).unwrap_err();
        assert!(matches!(refused, SendError::TooLarge));
        send(a.as_fd(), &"longer than eight bytes", None).unwrap();
        let cut = receive::<String>(b.as_fd(), &mut [0; 8]).unwrap_err();
        assert!(matches!(cut, RecvError::Unknown));
        send(a.as_fd(), &[0xff_u8; 9], None).unwrap();
        let odd = receive::<String>(b.as_fd(), &mut [0; 64]).unwrap_err();
        assert!(matches!(odd, RecvError::Unknown));
    }
}
