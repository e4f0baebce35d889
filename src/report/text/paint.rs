//! Colours: few, and only where they mean something.

use crate::govern::Level;

/// Whether to colour.
#[derive(Clone, Copy)]
pub(in crate::report) struct Paint(pub(in crate::report) bool);

/// What a piece of text is.
#[derive(Clone, Copy)]
pub(in crate::report) enum Style {
    /// A finding's level, and the mark under its value.
    Level(Level),
    /// Headings.
    Strong,
    /// What can be skipped when reading.
    Quiet,
    /// The frame around source lines.
    Frame,
    /// All is well.
    Good,
}

impl Paint {
    /// `text` in `style`.
    pub(in crate::report) fn on(self, style: Style, text: &str) -> String {
        if !self.0 || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Level(Level::Error) => "1;31",
            Style::Level(Level::Warning) => "1;33",
            Style::Level(Level::Note) => "1;36",
            Style::Strong => "1",
            Style::Quiet => "2",
            Style::Frame => "34",
            Style::Good => "1;32",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
