//! Addresses that have a beginning in common, such as `192.0.2.0/24`.

use std::fmt;
use std::net::IpAddr;

/// Addresses with the same first bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Block {
    first: IpAddr,
    /// How many bits are the same.
    bits: u32,
}

impl Block {
    /// An address, or one with the number of its bits that count behind a `/`. The others are taken
    /// for zeros.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = width(address);
        let bits = match bits {
            Some(bits) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                bits.parse().ok()?
            }
            Some(_) => return None,
            None => most,
        };
        (bits <= most).then(|| Self::of(address, bits))
    }

    /// An address within IPv6 that is one of IPv4 is that one.
    fn of(address: IpAddr, bits: u32) -> Self {
        let canonical = address.to_canonical();
        let bits = bits.saturating_sub(width(address) - width(canonical));
        let first = match canonical {
            IpAddr::V4(address) => {
                let kept = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                IpAddr::V4((address.to_bits() & kept).into())
            }
            IpAddr::V6(address) => {
                let kept = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                IpAddr::V6((address.to_bits() & kept).into())
            }
        };
        Self { first, bits }
    }

    /// Whether all addresses of the kind are in it.
    pub(crate) fn is_everybody(self) -> bool {
        self.bits == 0
    }

    /// Whether a host is an address in it.
    pub(crate) fn contains(self, host: &str) -> bool {
        let address = host.parse::<IpAddr>().map(|address| address.to_canonical());
        address.is_ok_and(|address| {
            width(address) == width(self.first) && Self::of(address, self.bits) == self
        })
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl fmt::Display for Block {
    /// The one form of it: what stands behind the bits that count is zero, and a single address is
    /// just that.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == width(self.first) {
            self.first.fmt(f)
        } else {
            write!(f, "{}/{}", self.first, self.bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_one_form() {
        for (text, form) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("255.255.255.255/1", "128.0.0.0/1"),
            ("192.0.2.7/0", "0.0.0.0/0"),
            ("2001:DB8:0::1/32", "2001:db8::/32"),
            ("0::1", "::1"),
            ("::/0", "::/0"),
            ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
        ] {
            let block = Block::parse(text).unwrap();
            assert_eq!(block.to_string(), form, "{text}");
            assert_eq!(Block::parse(form), Some(block), "{text}");
        }
        for text in [
            "",
            "/",
            "192.0.2.7/",
            "192.0.2.7/33",
            "192.0.2.7/+8",
            "192.0.2/24",
            "::1/129",
            "::1/0001",
            "host/24",
            "192.0.2.7/24/24",
            " 192.0.2.7",
        ] {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_in_it_begins_as_it_does() {
        let block = |text| Block::parse(text).unwrap();
        for (text, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.0/24", "::ffff:192.0.2.1", "::c000:201"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("0::1", "0::1", "0::2"),
        ] {
            assert!(block(text).contains(inside), "{text} {inside}");
            assert!(!block(text).contains(outside), "{text} {outside}");
            assert!(!block(text).contains("host.example"));
        }
        assert!(block("0.0.0.0/0").is_everybody() && !block("0.0.0.0/1").is_everybody());
    }
}
