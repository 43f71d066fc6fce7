//! One file as the rules see it: its path, its text, and of Rust the code without comments and literals of text.

/// A text file.
pub(super) struct Source {
    /// Its path from the root of the workspace.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
    /// Its code, in the same lines; of anything but Rust the same as its text.
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { code_only(text) } else { text.to_owned() };
        Self { path: path.to_owned(), text: text.to_owned(), code }
    }
}

/// Rust code with every comment and every literal of text or characters blanked out, line by line as long as before.
pub(super) fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blank = comment(rest).or_else(|| literal(rest));
        let length = match blank {
            Some(length) => {
                let blanked = rest.chars().take(count(rest, length));
                code.extend(blanked.map(|character| if character == '\n' { '\n' } else { ' ' }));
                length
            }
            None => {
                let length = word(rest).max(first.len_utf8());
                code.push_str(rest.get(..length).unwrap());
                length
            }
        };
        rest = rest.get(length..).unwrap();
    }
    code
}

fn count(text: &str, length: usize) -> usize {
    text.get(..length).unwrap().chars().count()
}

/// Bytes of the identifier or number at the beginning.
fn word(text: &str) -> usize {
    text.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(text.len())
}

/// Bytes of the comment at the beginning.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then_some(())?;
    let (mut depth, mut at) = (0_usize, 0_usize);
    loop {
        let rest = text.get(at..)?;
        let (change, length) = match rest.chars().next() {
            _ if rest.starts_with("/*") => (1, 2),
            _ if rest.starts_with("*/") => (-1, 2),
            Some(character) => (0, character.len_utf8()),
            None => return Some(text.len()),
        };
        depth = depth.saturating_add_signed(change);
        at = at.saturating_add(length);
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Bytes of the literal of text, bytes or a character at the beginning.
fn literal(text: &str) -> Option<usize> {
    if text.starts_with('\'') {
        return character(text);
    }
    let prefix = word(text);
    let after = text.get(prefix..)?;
    match text.get(..prefix)? {
        "" | "b" | "c" if after.starts_with('"') => Some(prefix.saturating_add(escaped(after, '"'))),
        "b" if after.starts_with('\'') => Some(prefix.saturating_add(character(after)?)),
        "r" | "br" | "cr" => Some(prefix.saturating_add(raw(after)?)),
        _ => None,
    }
}

/// A character in quotes, and not a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut characters = text.chars().skip(1);
    let (first, second) = (characters.next()?, characters.next()?);
    (first == '\\' || second == '\'').then(|| escaped(text, '\''))
}

/// Up to and with the closing quote that no backslash precedes.
fn escaped(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !is_escaped {
            return at.saturating_add(1);
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    text.len()
}

/// From the hashes and the quote of a raw literal up to and with its end.
fn raw(text: &str) -> Option<usize> {
    let hashes = text.find(|character| character != '#')?;
    let body = text.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at.saturating_add(end.len()));
    Some(hashes.saturating_add(1).saturating_add(length))
}
