//! What stands in a line.

/// The line without its tags.
pub(crate) fn body(line: &str) -> &str {
    match line.strip_prefix('@') {
        Some(rest) => rest.split_once(' ').expect("a body").1,
        None => line,
    }
}

/// The value of a tag, as it is on the wire.
pub(crate) fn tag<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (tags, _) = line.strip_prefix('@')?.split_once(' ')?;
    tags.split(';').find_map(|tag| {
        let (own, value) = tag.split_once('=').unwrap_or((tag, ""));
        (own == name).then_some(value)
    })
}

/// The id of a message, which has one.
pub(crate) fn msgid(line: &str) -> String {
    tag(line, "msgid").expect("an id").to_owned()
}

/// Whether one of the lines contains the text.
pub(crate) fn has(lines: &[String], text: &str) -> bool {
    lines.iter().any(|line| line.contains(text))
}
