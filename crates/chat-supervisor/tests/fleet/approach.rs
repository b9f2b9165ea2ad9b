//! Both approaches, by one name each.

use chat_supervisor::{Approach, Forker, Program};

use crate::role;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Process,
    Fork,
}

/// Call it before the runtime is made.
pub(crate) fn approach(kind: Kind) -> Approach {
    let program = Program::this(["--server-role"]);
    match kind {
        Kind::Process => Approach::Process(program),
        Kind::Fork => Approach::Fork(Forker::start(role::forked).unwrap(), program),
    }
}
