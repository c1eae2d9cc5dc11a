//! Reads the settings file and says, for every mistake in it, the line and what to write.
//!
//! All mistakes at once: nobody likes to be told one a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, TableLike};

use super::layers::{Setting as Found, Source};
use super::{SETTINGS, Setting};

/// What is wrong with the settings file.
#[derive(Debug)]
pub(crate) struct FileError {
    file: PathBuf,
    mistakes: Vec<(Option<usize>, String)>,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (line, mistake)) in self.mistakes.iter().enumerate() {
            let newline = if at == 0 { "" } else { "\n" };
            let file = self.file.display();
            match line {
                Some(line) => write!(f, "{newline}{file}, line {line}: {mistake}")?,
                None => write!(f, "{newline}{file}: {mistake}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for FileError {}

/// Reads the file; none at all is no mistake unless a person named it.
pub(super) fn read(file: &Path, named: bool) -> Result<BTreeMap<String, Found>, FileError> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if !named && is_absent(&error) => {
            return Ok(BTreeMap::new());
        }
        Err(error) => {
            let mistake = format!(
                "the settings cannot be read: {error}; make the file readable, or name another with --config"
            );
            return Err(FileError { file: file.to_owned(), mistakes: vec![(None, mistake)] });
        }
    };
    parse(file, &text)
}

fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn parse(file: &Path, text: &str) -> Result<BTreeMap<String, Found>, FileError> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = error.span().map(|span| line_of(text, span.start));
            // Only a section's name: any other line may hold a secret.
            let section = line.and_then(|line| text.lines().nth(line - 1)).map(str::trim);
            let section = section.filter(|text| text.starts_with('['));
            let twice = section.filter(|_| error.message().contains("duplicate key"));
            let more = twice.map_or_else(String::new, |section| {
                format!("; {section} is there already: join the two, or give one another name")
            });
            let mistakes = vec![(line, format!("this is not TOML: {}{more}", error.message()))];
            return Err(FileError { file: file.to_owned(), mistakes });
        }
    };
    let mut reader = Reader { text, found: BTreeMap::new(), mistakes: Vec::new() };
    reader.table(document.as_table(), "");
    if reader.mistakes.is_empty() {
        Ok(reader.found)
    } else {
        Err(FileError { file: file.to_owned(), mistakes: reader.mistakes })
    }
}

struct Reader<'a> {
    text: &'a str,
    found: BTreeMap<String, Found>,
    mistakes: Vec<(Option<usize>, String)>,
}

impl Reader<'_> {
    fn table(&mut self, table: &dyn TableLike, above: &str) {
        for (name, item) in table.iter() {
            let key = if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") };
            let span = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span());
            let line = span.map(|span| line_of(self.text, span.start));
            self.item(&key, item, line);
        }
    }

    fn item(&mut self, key: &str, item: &Item, line: Option<usize>) {
        if let Some(setting) = SETTINGS.iter().find(|setting| fits(setting.key, key)) {
            self.value(setting, key, item, line);
        } else if !SETTINGS.iter().any(|setting| leads_to(setting.key, key)) {
            self.mistakes.push((line, unknown(key)));
        } else if let Some(table) = item.as_table_like() {
            self.table(table, key);
        } else {
            let mistake =
                format!("`{key}` is a section; write `[{key}]` and its settings below it");
            self.mistakes.push((line, mistake));
        }
    }

    fn value(&mut self, setting: &Setting, key: &str, item: &Item, line: Option<usize>) {
        let read = match item.as_value() {
            Some(value) => setting.kind.read_toml(value),
            None => Err(format!("a section; it must be {}", setting.kind.describe())),
        };
        match read {
            Ok(value) => {
                let source = Source::File { line: line.unwrap_or(0) };
                self.found.insert(key.to_owned(), Found { value, source });
            }
            Err(why) => {
                let mistake = format!("`{key}` is {why}, such as {}", setting.example);
                self.mistakes.push((line, mistake));
            }
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether the setting `pattern` is the one written as `key`.
fn fits(pattern: &str, key: &str) -> bool {
    pattern.split('.').count() == key.split('.').count() && leads_to(pattern, key)
}

/// Whether the setting `pattern` stands at or below `key`.
fn leads_to(pattern: &str, key: &str) -> bool {
    let mut pattern = pattern.split('.');
    key.split('.').all(|part| pattern.next().is_some_and(|name| name == "*" || name == part))
}

fn unknown(key: &str) -> String {
    let parts: Vec<&str> = key.split('.').collect();
    let known = SETTINGS.iter().map(|setting| {
        let names = setting.key.split('.').enumerate();
        let names = names.map(|(at, name)| match (name, parts.get(at)) {
            ("*", Some(part)) => part,
            (name, _) => name,
        });
        // A misspelt section is compared with sections, a misspelt setting with settings.
        let depth = if parts.len() < 2 { 1 } else { usize::MAX };
        names.take(depth).collect::<Vec<_>>().join(".")
    });
    let nearest =
        known.max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    let nearest = nearest.unwrap_or_default();
    format!(
        "`{key}` is no setting; the nearest is `{nearest}`, and `oratory config reference` lists all"
    )
}

#[cfg(test)]
mod tests;
