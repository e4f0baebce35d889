//! A byte without which an expression has no match: of a hundred addresses (`://`) few have an `@`
//! behind them, and to look for that one byte is cheaper than to try the expression.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::rule::Rule;

/// Signs by how seldom they stand in source text, the rarest first. What is commoner than these stands
/// within reach of nearly every literal.
const RARE: &[u8] = b"~^?!%@\\|$&<+[];`{}#>";

/// The rarest byte that stands in every match of the rule's expression and in none of its literals.
pub(crate) fn needed(rule: &Rule) -> Option<u8> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(&rule.pattern).ok()?;
    let all = in_every_match(&hir);
    RARE.iter().copied().find(|b| all.contains(b) && !rule.literals.iter().any(|l| l.as_bytes().contains(b)))
}

fn in_every_match(hir: &Hir) -> Vec<u8> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Unicode(_)) => Vec::new(),
        HirKind::Literal(literal) => literal.0.to_vec(),
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            [one] if one.start() == one.end() => vec![one.start()],
            _ => Vec::new(),
        },
        HirKind::Capture(capture) => in_every_match(&capture.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(in_every_match).collect(),
        HirKind::Repetition(repeated) if repeated.min == 0 => Vec::new(),
        HirKind::Repetition(repeated) => in_every_match(&repeated.sub),
        HirKind::Alternation(ways) => {
            let mut ways = ways.iter().map(in_every_match);
            let first = ways.next().unwrap_or_default();
            ways.fold(first, |all, way| all.into_iter().filter(|b| way.contains(b)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::RuleSet;
    use crate::detect::template::expand;

    fn of(pattern: &str) -> Vec<u8> {
        let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).unwrap();
        let mut all = in_every_match(&hir);
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn bytes_of_every_match() {
        for (pattern, all) in
            [("ab(?P<secret>c+)", "abc"), ("(?:ab|bc)d?", "b"), ("[x]{2}(?:y*|z)", "x"), ("(?i)k@", "@")]
        {
            assert_eq!(of(pattern), all.as_bytes(), "{pattern}");
        }
    }

    /// No match of any rule may be lost by it.
    #[test]
    fn every_example_has_it() {
        let rules = RuleSet::builtin();
        let mut seen = 0;
        for (_, rule) in rules.iter() {
            let Some(needed) = needed(rule) else { continue };
            for example in rule.examples.iter() {
                let text = expand(example, 7, Some(rule)).unwrap();
                let pattern = regex::bytes::RegexBuilder::new(&rule.pattern).unicode(false).build().unwrap();
                for found in pattern.find_iter(text.as_bytes()) {
                    assert!(found.as_bytes().contains(&needed), "{}: {text}", rule.id);
                    seen += 1;
                }
            }
        }
        assert!(seen > 30, "{seen}");
    }
}
