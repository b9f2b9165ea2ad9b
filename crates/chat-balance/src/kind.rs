//! The algorithms' names.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use crate::{Algorithm, LeastConnection, RoundRobin};

/// An algorithm by name, as it stands in configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum AlgorithmKind {
    /// `least-connection`: see [`LeastConnection`].
    #[default]
    LeastConnection,
    /// `round-robin`: see [`RoundRobin`].
    RoundRobin,
}

/// The text names no algorithm; the message lists those there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownAlgorithm {
    given: String,
}

impl AlgorithmKind {
    /// Every kind there is, the default first.
    pub const ALL: [Self; 2] = [Self::LeastConnection, Self::RoundRobin];

    /// The name in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LeastConnection => "least-connection",
            Self::RoundRobin => "round-robin",
        }
    }

    /// A fresh algorithm of this kind.
    #[must_use]
    pub fn build(self) -> Box<dyn Algorithm> {
        match self {
            Self::LeastConnection => Box::new(LeastConnection::new()),
            Self::RoundRobin => Box::new(RoundRobin::new()),
        }
    }
}

impl fmt::Display for AlgorithmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for AlgorithmKind {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownAlgorithm {
                given: text.to_owned(),
            })
    }
}

impl fmt::Display for UnknownAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no algorithm is called {:?}; there are", self.given)?;
        for (number, kind) in AlgorithmKind::ALL.into_iter().enumerate() {
            write!(f, "{} {kind}", if number == 0 { "" } else { " and" })?;
        }
        Ok(())
    }
}

impl Error for UnknownAlgorithm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in AlgorithmKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("Round-Robin".parse(), Ok(AlgorithmKind::RoundRobin));
        assert_eq!(AlgorithmKind::default().name(), "least-connection");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        for text in ["", "random", "least connection", "round_robin"] {
            let error = text.parse::<AlgorithmKind>().unwrap_err().to_string();
            assert!(
                error.contains("least-connection") && error.contains("round-robin"),
                "{error}"
            );
        }
    }
}
