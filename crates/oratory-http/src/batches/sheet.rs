//! The answers of a batch as they are written down, one line each, before anybody is told of them.
//!
//! A line that a killed program has left unfinished is cut off and asked again.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::{Value, json};

use oratory_contract::RequestId;

/// Answers of one kind: those that were given, or those that were not.
pub(super) struct Sheet {
    path: PathBuf,
    file: Option<File>,
    /// The requests that it answers.
    pub(super) names: HashSet<String>,
    /// How many of them were never asked.
    pub(super) unasked: usize,
}

impl Sheet {
    /// Opens a sheet with what it holds already.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            OpenOptions::new().write(true).open(&path)?.set_len(whole as u64)?;
        }
        let mut sheet = Self { path, file: None, names: HashSet::new(), unasked: 0 };
        for line in text[..whole].split(|byte| *byte == b'\n') {
            let Ok(line) = serde_json::from_slice::<Value>(line) else { continue };
            if let Some(name) = line["custom_id"].as_str() {
                sheet.note(name, &line["response"]);
            }
        }
        Ok(sheet)
    }

    /// Writes down an answer. When this returns it is on the disk.
    pub(super) fn add(&mut self, name: &str, response: &Value, error: &Value) -> io::Result<()> {
        self.append(name, response, error)?.sync_data()
    }

    /// Writes down that requests were never asked, and why.
    pub(super) fn close<'a>(
        &mut self,
        names: impl Iterator<Item = &'a str>,
        why: &Value,
    ) -> io::Result<()> {
        for name in names {
            self.append(name, &Value::Null, why)?;
        }
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }

    fn append(&mut self, name: &str, response: &Value, error: &Value) -> io::Result<&File> {
        self.note(name, response);
        let line = json!({
            "id": format!("batch_req_{}", RequestId::new()),
            "custom_id": name,
            "response": response,
            "error": error,
        });
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(OpenOptions::new().create(true).append(true).open(&self.path)?),
        };
        file.write_all(format!("{line}\n").as_bytes())?;
        Ok(file)
    }

    fn note(&mut self, name: &str, response: &Value) {
        self.names.insert(name.to_owned());
        self.unasked += usize::from(response.is_null());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Sheet;

    #[test]
    fn what_was_written_stays_and_half_a_line_is_cut_off() {
        let path = std::env::temp_dir().join(format!("oratory-sheet-{}", std::process::id()));
        let mut sheet = Sheet::open(path.clone()).unwrap();
        assert!(sheet.names.is_empty());
        sheet.add("a", &json!({ "status_code": 200 }), &Value::Null).unwrap();
        drop(sheet);
        let half = std::fs::read_to_string(&path).unwrap() + "{\"custom_id\":\"b\",\"resp";
        std::fs::write(&path, half).unwrap();
        let mut sheet = Sheet::open(path.clone()).unwrap();
        assert_eq!(sheet.names.iter().collect::<Vec<_>>(), ["a"]);
        sheet.add("b", &Value::Null, &json!({})).unwrap();
        assert_eq!((sheet.unasked, Sheet::open(path.clone()).unwrap().unasked), (1, 1));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let names = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["custom_id"].clone());
        assert_eq!(names.collect::<Vec<_>>(), ["a", "b"]);
    }
}
