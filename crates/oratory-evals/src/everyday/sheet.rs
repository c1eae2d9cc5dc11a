//! Sheets of wordings: sections of lines, of which those with a star are held out.
//!
//! A line that starts with a plus belongs to both splits; `\n` in a line is a new line.

use std::sync::OnceLock;

use super::Split;

/// A text file of this crate, read once.
pub(super) struct Sheet {
    text: &'static str,
    sections: OnceLock<Vec<Section>>,
}

struct Section {
    name: &'static str,
    train: Vec<String>,
    held: Vec<String>,
}

impl Sheet {
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, sections: OnceLock::new() }
    }

    /// Returns a section's lines of one split.
    pub(super) fn lines(&self, section: &str, split: Split) -> &[String] {
        let found = self.sections().iter().find(|known| known.name == section);
        let found = found.expect("sheets are part of this program, and tests use every section");
        match split {
            Split::Train => &found.train,
            Split::Held => &found.held,
        }
    }

    /// Returns the names of the sections that start so, without that start.
    pub(super) fn names<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        self.sections().iter().filter_map(move |section| section.name.strip_prefix(start))
    }

    fn sections(&self) -> &[Section] {
        self.sections.get_or_init(|| read(self.text))
    }
}

fn read(text: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push(Section { name, train: Vec::new(), held: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.take(line);
        }
    }
    sections
}

impl Section {
    fn take(&mut self, line: &str) {
        let words = |line: &str| line.replace("\\n", "\n");
        if let Some(line) = line.strip_prefix('*') {
            self.held.push(words(line));
        } else if let Some(line) = line.strip_prefix('+') {
            self.train.push(words(line));
            self.held.push(words(line));
        } else {
            self.train.push(words(line));
        }
    }
}

#[cfg(test)]
impl Sheet {
    /// Returns the lines of every section, by its name.
    pub(super) fn all(&self) -> Vec<(&'static str, &[String], &[String])> {
        self.sections()
            .iter()
            .map(|section| (section.name, &*section.train, &*section.held))
            .collect()
    }
}
