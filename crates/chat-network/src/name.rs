//! When two names are the same.

use chat_proto::CaseMapping;

/// What the servers announce in ISUPPORT.
const MAPPING: CaseMapping = CaseMapping::Ascii;

/// Whether two names are the same.
pub(crate) fn same(one: &str, other: &str) -> bool {
    MAPPING.eq(one, other)
}

/// Whether a mask (with `*` and `?`) matches all of a `nick!user@host`.
pub(crate) fn matches(mask: &str, prefix: &str) -> bool {
    MAPPING.mask_matches(mask, prefix)
}

/// `name` as a byte sequence that is the same for the same names: coarser than any mapping (it
/// joins all of `@` to `_` with what is 32 further), which is enough to hash by and is done in
/// place.
pub(crate) fn fold_coarsely(name: &mut [u8]) {
    for byte in name {
        if matches!(*byte, b'@'..=b'_') {
            *byte |= 0x20;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_fold_joins_what_any_mapping_joins() {
        let coarse = |byte: u8| {
            let mut byte = [byte];
            fold_coarsely(&mut byte);
            byte
        };
        for mapping in [CaseMapping::Ascii, CaseMapping::Rfc1459] {
            for one in 0..128_u8 {
                for other in 0..128_u8 {
                    let text = |byte| char::from(byte).to_string();
                    if mapping.eq(&text(one), &text(other)) {
                        assert_eq!(coarse(one), coarse(other), "{one} {other} {mapping:?}");
                    }
                }
            }
        }
    }
}
