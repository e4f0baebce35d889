//! A JSON or YAML document as a tree that knows its lines.
//!
//! Texts borrow from the file. Rows of large JSON lists stay unparsed ([`Value::Deferred`]) until
//! they are visited, so that memory holds one row at a time.

use std::borrow::Cow;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: Value<'a>,
    /// From 1.
    pub(crate) line: u32,
    /// From 1, in characters or bytes, whichever the reader counts.
    pub(crate) column: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As it was written: `0123` and `1e3` keep their form.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
    /// A JSON value that is known to be well-formed and is read when visited.
    Deferred(&'a str),
}

/// A place where a document is not well-formed. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) problem: &'static str,
}

impl<'a> Node<'a> {
    /// The value of a key; `None` where it is not there or null.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v).filter(|v| !matches!(v.value, Value::Null))
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The first of several keys that is there.
    pub(crate) fn any(&self, keys: &[&str]) -> Option<&Node<'a>> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// Whether a key stands here, null or not.
    pub(crate) fn has(&self, key: &str) -> bool {
        matches!(&self.value, Value::Map(entries) if entries.iter().any(|(k, _)| k == key))
    }

    /// A scalar as text; `None` for null, lists and maps.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(t) | Value::Number(t) => Some(t),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The text of a key, empty where there is none.
    pub(crate) fn text_of(&self, key: &str) -> &str {
        self.get(key).and_then(Node::text).unwrap_or_default()
    }

    /// The truth of a key, where it is a truth.
    pub(crate) fn truth_of(&self, key: &str) -> Option<bool> {
        match self.get(key)?.text()? {
            t if t.eq_ignore_ascii_case("true") => Some(true),
            t if t.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The entries of a map.
    pub(crate) fn entries(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list as they stand; rows of large lists may be deferred, see [`Self::rows`].
    pub(crate) fn items(&self) -> &[Node<'a>] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list at a key.
    pub(crate) fn items_of(&self, key: &str) -> &[Node<'a>] {
        self.get(key).map_or(&[], Node::items)
    }

    /// The items of a list, each read when its turn comes.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Cow<'_, Node<'a>>> {
        self.items().iter().map(Node::read)
    }

    /// The value itself, parsed if it was deferred.
    pub(crate) fn read(&self) -> Cow<'_, Node<'a>> {
        match self.value {
            Value::Deferred(text) => {
                let null = Node { value: Value::Null, line: self.line, column: self.column };
                Cow::Owned(super::json::read_at(text, self.line, self.column).unwrap_or(null))
            }
            _ => Cow::Borrowed(self),
        }
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// How many values the tree has.
    pub(crate) fn count(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::count).sum(),
            Value::Map(entries) => entries.iter().map(|(_, v)| v.count()).sum(),
            _ => 0,
        }
    }
}

/// Whether a key occurs twice.
pub(crate) fn has_duplicate_key(entries: &[(Cow<'_, str>, Node<'_>)]) -> bool {
    if entries.len() < 16 {
        return entries.iter().enumerate().any(|(i, (key, _))| entries[..i].iter().any(|(k, _)| k == key));
    }
    let mut keys: Vec<&str> = entries.iter().map(|(k, _)| k.as_ref()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
