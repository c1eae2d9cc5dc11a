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
        let name = |line: &[u8]| {
            let line: Value = serde_json::from_slice(line).ok()?;
            line["custom_id"].as_str().map(str::to_owned)
        };
        let names = text[..whole].split(|byte| *byte == b'\n').filter_map(name).collect();
        Ok(Self { path, file: None, names })
    }

    /// Writes down an answer. When this returns it is on the disk.
    pub(super) fn add(&mut self, name: &str, response: &Value, error: &Value) -> io::Result<()> {
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
        file.sync_data()?;
        self.names.insert(name.to_owned());
        Ok(())
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
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let names = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["custom_id"].clone());
        assert_eq!(names.collect::<Vec<_>>(), ["a", "b"]);
    }
}
