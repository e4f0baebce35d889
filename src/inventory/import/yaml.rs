//! YAML into a [`Node`] tree, from the events of serde-saphyr's parser.
//!
//! Events rather than typed reading: scalars keep the text they were written with (a key id `0123`
//! stays one), every value has its line, and messages are ours, so that none can print a value.
//! Aliases are expanded under a budget; documents after the first become a list.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span};

use super::node::{Node, Syntax, Value, has_duplicate_key};

const DEEPEST: usize = 100;
/// Values that aliases may add.
const ALIAS_BUDGET: usize = 100_000;

struct Open<'a> {
    node: Node<'a>,
    key: Option<Cow<'a, str>>,
    anchor: usize,
}

struct Builder<'a> {
    stack: Vec<Open<'a>>,
    documents: Vec<Node<'a>>,
    anchors: BTreeMap<usize, Node<'a>>,
    budget: usize,
}

/// Reads all documents of a text.
pub(crate) fn read(text: &str) -> Result<Node<'_>, Syntax> {
    let mut builder =
        Builder { stack: Vec::new(), documents: Vec::new(), anchors: BTreeMap::new(), budget: ALIAS_BUDGET };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|e| Syntax {
            line: e.marker().line() as u32,
            column: e.marker().col() as u32 + 1,
            problem: "not well-formed YAML",
        })?;
        builder.take(event, span)?;
    }
    let mut documents = builder.documents;
    documents.retain(|d| !matches!(d.value, Value::Null));
    Ok(match documents.len() {
        0 => Node { value: Value::Null, line: 1, column: 1 },
        1 => documents.remove(0),
        _ => Node { value: Value::List(documents), line: 1, column: 1 },
    })
}

impl<'a> Builder<'a> {
    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Syntax> {
        let (line, column) = (span.start.line() as u32, span.start.col() as u32 + 1);
        let fail = |problem| Syntax { line, column, problem };
        let node = |value| Node { value, line, column };
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_key = self.stack.last().is_some_and(|o| o.key.is_none() && o.node.is_map());
                let plain = style == ScalarStyle::Plain && !is_key;
                let value = if plain { scalar(text) } else { Value::Text(text) };
                self.add(node(value), anchor).map_err(fail)
            }
            Event::SequenceStart(_, anchor, _) => self.open(node(Value::List(Vec::new())), anchor).map_err(fail),
            Event::MappingStart(_, anchor, _) => self.open(node(Value::Map(Vec::new())), anchor).map_err(fail),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(mut open) = self.stack.pop() else { return Ok(()) };
                if let Value::Map(entries) = &mut open.node.value {
                    merge_keys(entries).map_err(fail)?;
                    if has_duplicate_key(entries) {
                        let Node { line, column, .. } = open.node;
                        return Err(Syntax { line, column, problem: "a key occurs twice in one mapping" });
                    }
                }
                self.add(open.node, open.anchor).map_err(fail)
            }
            Event::Alias(anchor) => {
                let Some(target) = self.anchors.get(&anchor) else { return Err(fail("an alias without its anchor")) };
                let mut target = target.clone();
                self.budget = self.budget.checked_sub(target.count()).ok_or_else(|| fail("too many aliases"))?;
                (target.line, target.column) = (line, column);
                self.add(target, 0).map_err(fail)
            }
            Event::UnresolvedAlias(_) => Err(fail("an alias without its anchor")),
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, node: Node<'a>, anchor: usize) -> Result<(), &'static str> {
        if self.stack.len() >= DEEPEST {
            return Err("nested too deeply");
        }
        self.stack.push(Open { node, key: None, anchor });
        Ok(())
    }

    fn add(&mut self, node: Node<'a>, anchor: usize) -> Result<(), &'static str> {
        if anchor != 0 {
            self.budget = self.budget.checked_sub(node.count()).ok_or("too many aliases")?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.node.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match open.key.take() {
                Some(key) => entries.push((key, node)),
                None => match node.value {
                    Value::Text(text) | Value::Number(text) => open.key = Some(text),
                    Value::Bool(_) | Value::Null | Value::List(_) | Value::Map(_) | Value::Deferred(_) => {
                        return Err("expected a text as key");
                    }
                },
            },
            _ => {}
        }
        Ok(())
    }
}

/// A plain scalar by YAML 1.2's core schema; numbers keep their text.
fn scalar(text: Cow<'_, str>) -> Value<'_> {
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        t if t.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && t.parse::<f64>().is_ok() => {
            Value::Number(text)
        }
        _ => Value::Text(text),
    }
}

/// `<<: *defaults`: what the mapping does not have itself.
fn merge_keys<'a>(entries: &mut Vec<(Cow<'a, str>, Node<'a>)>) -> Result<(), &'static str> {
    /// Comparisons of keys that one mapping may cost.
    const MOST: usize = 4_000_000;
    while let Some(at) = entries.iter().position(|(k, v)| k == "<<" && (v.is_map() || v.is_list())) {
        let (_, merged) = entries.remove(at);
        let sources = match merged.value {
            Value::List(items) => items,
            _ => vec![merged],
        };
        for source in sources {
            let Value::Map(more) = source.value else { continue };
            if entries.len().saturating_mul(more.len()) > MOST {
                return Err("too many merged keys");
            }
            for (key, value) in more {
                if key != "<<" && !entries.iter().any(|(k, _)| *k == key) {
                    entries.push((key, value));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_text_and_line() {
        let root = read("a: 0123\nb:\n  - 'true'\n  - true\n  - 2026-02-04\nc: ~\n").unwrap();
        assert_eq!(root.text_of("a"), "0123");
        assert_eq!(root.items_of("b")[2].text(), Some("2026-02-04"));
        assert_eq!((root.items_of("b")[1].line, root.items_of("b")[1].column), (4, 5));
        assert!(root.get("c").is_none() && root.has("c"));
    }

    #[test]
    fn aliases_and_merge_keys_within_a_budget() {
        let root = read("base: &b {x: 1, y: 2}\nrow:\n  <<: *b\n  x: 3\n").unwrap();
        let row = root.get("row").unwrap();
        assert_eq!((row.text_of("x"), row.text_of("y")), ("3", "2"));
        let bomb = (0..12).fold("a0: &a0 [1,1,1,1,1,1,1,1]\n".to_owned(), |t, i| {
            let name = format!("*a{i}");
            format!("{t}a{}: &a{} [{}]\n", i + 1, i + 1, [name.as_str(); 8].join(","))
        });
        assert_eq!(read(&bomb).unwrap_err().problem, "too many aliases");
    }

    #[test]
    fn documents_become_a_list_and_errors_have_a_place() {
        assert_eq!(read("---\na: 1\n---\na: 2\n").unwrap().items().len(), 2);
        assert_eq!(read("a: 1\nb: [1\nc: 2\n").unwrap_err().problem, "not well-formed YAML");
        assert_eq!(read("a: 1\na: 2\n").unwrap_err().problem, "a key occurs twice in one mapping");
        assert_eq!(read(&"[".repeat(4000)).unwrap_err().line, 1);
    }
}
