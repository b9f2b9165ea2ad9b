//! Segments by name: making, replacing, opening, removing.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::{FallocateFlags, Mode, fallocate};
use rustix::shm;
use shared_memory::ShmemError;

use crate::error::{Error, Refusal};
use crate::map::{MapError, Mapping};
use crate::process::Identity;

/// How often, and how far apart, one looks again at a segment that is not finished: its creator
/// needs some microseconds from the first byte to the last.
const LOOKS: usize = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How often a leftover is removed before giving up, if somebody keeps making new ones.
const REMOVALS: usize = 3;

/// A mapped segment, and whether this process is the one to remove its name.
pub(crate) struct Segment {
    mapping: Mapping,
    name: String,
    file: FileId,
    /// The process that removes the name when it drops this.
    owner: Option<u32>,
    disowned: AtomicBool,
}

/// Which file it is, whatever its name leads to by now.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl Segment {
    /// Makes a fresh segment, all zero but for its locks, in place of any leftover of that name.
    /// The caller fills it and sets it ready.
    pub(crate) fn create(name: &str, slots: usize) -> Result<Self, Error> {
        check_name(name)?;
        let mut generation = 1;
        for _ in 0..REMOVALS {
            if let Some(before) = remove_leftover(name)? {
                generation = before.wrapping_add(1);
            }
            match Mapping::create(&os_id(name), slots) {
                Ok(mapping) => return Self::prepare(name, mapping, slots, generation),
                // Somebody was faster.
                Err(ShmemError::MappingIdExists) => {}
                Err(error) => return Err(system(name, "create", io_error(error))),
            }
        }
        Err(system(name, "create", io::ErrorKind::AlreadyExists.into()))
    }

    fn prepare(name: &str, mapping: Mapping, slots: usize, generation: u64) -> Result<Self, Error> {
        let failed = |doing| move |source| system(name, doing, source);
        let me = Identity::current();
        let file = open_file(name, shm::OFlags::RDWR).map_err(failed("look at"))?;
        let id = FileId::of(&file).map_err(failed("look at"))?;
        let segment = Self {
            mapping,
            name: name.to_owned(),
            file: id,
            owner: Some(me.pid),
            disowned: AtomicBool::new(false),
        };
        // Now, as an error: a full file system would otherwise end us with SIGBUS at first touch.
        let size = crate::layout::segment_size(slots) as u64;
        fallocate(&file, FallocateFlags::empty(), 0, size)
            .map_err(|errno| system(name, "reserve", errno.into()))?;
        for area in segment.mapping.locks() {
            let made = segment.mapping.init_lock(area);
            made.map_err(|reason| system(name, "make the lock of", io::Error::other(reason)))?;
        }
        let header = segment.mapping.header();
        header.describe(slots, generation);
        header.creator_pid.store(me.pid, Ordering::Relaxed);
        header.creator_start.store(me.start_time, Ordering::Relaxed);
        Ok(segment)
    }

    /// Opens a board that another process has made.
    pub(crate) fn open(name: &str) -> Result<Self, Error> {
        check_name(name)?;
        let mut looks = 1;
        loop {
            let opened = Self::open_once(name);
            let is_unfinished = matches!(
                opened,
                Err(Error::Refused {
                    reason: Refusal::NotReady | Refusal::TooSmall(0),
                    ..
                })
            );
            if !is_unfinished || looks == LOOKS {
                return opened;
            }
            looks += 1;
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn open_once(name: &str) -> Result<Self, Error> {
        let refused = |reason| Error::Refused {
            name: name.to_owned(),
            reason,
        };
        let file = match open_file(name, shm::OFlags::RDONLY) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Missing(name.to_owned()));
            }
            Err(error) => return Err(system(name, "open", error)),
            Ok(file) => file,
        };
        let metadata = file
            .metadata()
            .map_err(|source| system(name, "look at", source))?;
        if metadata.uid() != rustix::process::getuid().as_raw() {
            return Err(refused(Refusal::Owner));
        }
        if metadata.len() == 0 {
            // It cannot even be mapped.
            return Err(refused(Refusal::TooSmall(0)));
        }
        let mapping = Mapping::open(&os_id(name)).map_err(|error| match error {
            MapError::Refused(reason) => refused(reason),
            MapError::System(error) => system(name, "map", io_error(error)),
        })?;
        let file = FileId {
            device: metadata.dev(),
            inode: metadata.ino(),
        };
        let name = name.to_owned();
        Ok(Self {
            mapping,
            name,
            file,
            owner: None,
            disowned: AtomicBool::new(false),
        })
    }

    pub(crate) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Whether the name still leads to this segment.
    pub(crate) fn is_current(&self) -> bool {
        open_file(&self.name, shm::OFlags::RDONLY)
            .and_then(|file| FileId::of(&file))
            .is_ok_and(|file| file == self.file)
    }

    /// Leaves the name alone from now on.
    pub(crate) fn disown(&self) {
        self.disowned.store(true, Ordering::Relaxed);
    }
}

impl Drop for Segment {
    /// Removes the name if this process made the segment (a forked child is another process), has
    /// not disowned it, and nobody has put another in its place.
    fn drop(&mut self) {
        let is_ours = self.owner == Some(std::process::id());
        if is_ours && !self.disowned.load(Ordering::Relaxed) && self.is_current() {
            // There is nobody to tell; the next create replaces what is left.
            let _ = shm::unlink(os_id(&self.name));
        }
    }
}

impl FileId {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// Removes what has the name, unless its creator lives. Gives the generation of a board removed.
fn remove_leftover(name: &str) -> Result<Option<u64>, Error> {
    let generation = match Segment::open_once(name) {
        Err(Error::Missing(_)) => return Ok(None),
        Err(_) => None,
        Ok(board) => {
            let header = board.mapping.header();
            let pid = header.creator_pid.load(Ordering::Relaxed);
            let start_time = header.creator_start.load(Ordering::Relaxed);
            if (Identity { pid, start_time }).is_alive() {
                return Err(Error::InUse {
                    name: name.to_owned(),
                    pid,
                });
            }
            Some(header.generation.load(Ordering::Relaxed))
        }
    };
    tracing::info!(name, generation, "replacing leftover shared memory");
    match shm::unlink(os_id(name)) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(generation),
        Err(errno) => Err(system(name, "remove the leftover of", errno.into())),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_dots = name.bytes().all(|byte| byte == b'.');
    if (1..=200).contains(&name.len()) && name.bytes().all(is_fine) && !is_dots {
        return Ok(());
    }
    Err(Error::Name(name.to_owned()))
}

/// The name as POSIX wants it.
fn os_id(name: &str) -> String {
    format!("/{name}")
}

fn open_file(name: &str, flags: shm::OFlags) -> io::Result<File> {
    Ok(shm::open(os_id(name), flags, Mode::empty())?.into())
}

fn system(name: &str, doing: &'static str, source: io::Error) -> Error {
    Error::System {
        name: name.to_owned(),
        doing,
        source,
    }
}

fn io_error(error: ShmemError) -> io::Error {
    match error {
        ShmemError::MapCreateFailed(errno)
        | ShmemError::MapOpenFailed(errno)
        | ShmemError::UnknownOsError(errno) => {
            io::Error::from_raw_os_error(errno.try_into().unwrap_or_default())
        }
        other => io::Error::other(other),
    }
}

#[cfg(test)]
#[cfg(not(miri))]
mod tests {
    use super::*;

    #[test]
    fn a_forked_child_leaves_the_name_alone() {
        let name = format!("chat_stats_segment.{}.forked", std::process::id());
        let parent = Segment::create(&name, 1).unwrap();
        parent.mapping.header().set_ready();
        // What a child has after a fork: the same handle, whose owner is another process.
        let mut child = Segment::open(&name).unwrap();
        child.owner = Some(std::process::id() + 1);
        drop(child);
        assert!(parent.is_current());
        drop(parent);
        assert!(matches!(Segment::open(&name), Err(Error::Missing(_))));
    }
}
