//! Links in what is said: where they are, and what is told of them before they are opened.

use std::ops::Range;

/// What a link begins with; nothing else is ever opened.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// Signs that close a sentence or a bracket, and are no part of a link at its end.
const CLOSING: [char; 12] = ['.', ',', ';', ':', '!', '?', '\'', '"', ')', ']', '}', '…'];

/// An address longer than this is told in part.
const TOLD: usize = 140;

/// Where in a text the links are.
///
/// ```
/// use chat_gui::client::link;
/// let text = "see (https://example.org/a_(b)), please";
/// let found: Vec<&str> = link::find(text).into_iter().map(|at| &text[at]).collect();
/// assert_eq!(found, ["https://example.org/a_(b)"]);
/// ```
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = SCHEMES
            .iter()
            .find(|scheme| text[..at + 3].ends_with(**scheme));
        let Some(start) = scheme.map(|scheme| at + 3 - scheme.len()) else {
            continue;
        };
        let glued = text[..start].ends_with(char::is_alphanumeric);
        let inside = found.last().is_some_and(|last| start < last.end);
        if glued || inside {
            continue;
        }
        let end = text[start..].find(ends).map_or(text.len(), |n| start + n);
        let link = trimmed(&text[start..end]);
        if host(link).is_some() {
            found.push(start..start + link.len());
        }
    }
    found
}

/// What is told of a link before it is opened: its host first, which is what counts.
#[must_use]
pub fn told(link: &str) -> String {
    let host = host(link).unwrap_or_default();
    let short = match link.char_indices().nth(TOLD) {
        Some((at, _)) => format!("{}…", &link[..at]),
        None => link.to_owned(),
    };
    match host.is_ascii() {
        true => format!("Open {host}  ·  {short}"),
        // Letters of another script can look like those of a name that one knows.
        false => format!("Open {host} (not plain letters)  ·  {short}"),
    }
}

/// The host of a link, or nothing if it is no link that can be opened. What stands before an `@` is
/// no host, though it may look like one.
#[must_use]
pub fn host(link: &str) -> Option<&str> {
    let rest = SCHEMES
        .iter()
        .find_map(|scheme| link.strip_prefix(scheme))?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let clean = !link.contains(|c: char| c.is_whitespace() || c.is_control());
    (clean && host.contains(char::is_alphanumeric)).then_some(host)
}

fn ends(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "<>\"`|^".contains(letter)
}

/// Without what closes the sentence around it. A bracket that is opened in it belongs to it.
fn trimmed(mut link: &str) -> &str {
    while let Some(last) = link.chars().next_back().filter(|c| CLOSING.contains(c)) {
        let opening = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => None,
        };
        let count = |sign: char| link.matches(sign).count();
        if opening.is_some_and(|opening| count(opening) >= count(last)) {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|at| &text[at]).collect()
    }

    #[test]
    fn links_are_found_without_the_sentence_around_them() {
        assert_eq!(
            found("https://example.org/x?y=1 "),
            ["https://example.org/x?y=1"]
        );
        assert_eq!(
            found("one: http://a.bc, two (https://d.ef/)."),
            ["http://a.bc", "https://d.ef/"]
        );
        assert_eq!(
            found("<https://a.b/c>\nhttps://d.e!"),
            ["https://a.b/c", "https://d.e"]
        );
        assert_eq!(
            found("https://x.org/Rust_(game)"),
            ["https://x.org/Rust_(game)"]
        );
        assert_eq!(
            found("https://a.b/?to=https://c.d"),
            ["https://a.b/?to=https://c.d"]
        );
    }

    #[test]
    fn nothing_else_is_a_link() {
        for text in [
            "https://",
            "://x",
            "https:///",
            "xhttps://a.b",
            "file:///etc/passwd",
            "javascript://a.b/%0Aalert(1)",
            "ftp://a.b",
            "-https",
        ] {
            assert!(find(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_host_that_would_be_asked_is_told_first() {
        assert_eq!(
            host("https://bank.example@evil.example/"),
            Some("evil.example")
        );
        assert_eq!(
            host("https://evil.example\\@bank.example"),
            Some("evil.example")
        );
        assert_eq!(host("http://[::1]:8080/a"), Some("[::1]:8080"));
        assert_eq!(
            told("https://a.example/b"),
            "Open a.example  ·  https://a.example/b"
        );
        assert!(told("https://b\u{430}nk.example").contains("not plain letters"));
        let long = format!("https://a.b/{}", "x".repeat(500));
        assert!(told(&long).len() < 200);
    }

    proptest! {
        #[test]
        fn what_is_found_can_be_opened(text in "(https?://|[a-z]{0,3}|\\PC|[ ().@/\\\\]){0,12}") {
            let mut before = 0;
            for at in find(&text) {
                prop_assert!(at.start >= before && host(&text[at.clone()]).is_some());
                before = at.end;
            }
        }
    }
}
