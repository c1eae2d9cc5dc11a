//! Names of files that came from elsewhere: taken as they are or refused, never repaired.
//!
//! A name that could mean another folder, or nothing on some system, is not worth guessing at.

/// The most bytes of a file name; systems stop at 255, and `.part` must fit behind it.
const LONGEST: usize = 200;

/// Names that mean a device on Windows, whatever follows the dot.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Says why this cannot be the name of a file here, if it cannot.
pub(crate) fn fault(name: &str) -> Option<String> {
    let bad = |c: char| c.is_control() || "/\\<>:\"|?*".contains(c) || invisible(c);
    let why = if name.is_empty() {
        "it is empty".to_owned()
    } else if name.len() > LONGEST {
        format!("it is longer than {LONGEST} bytes")
    } else if let Some(c) = name.chars().find(|c| bad(*c)) {
        format!("it holds {:?}", c.escape_default().to_string())
    } else if name.starts_with(['.', '-', '~', ' ']) || name.ends_with(['.', ' ']) {
        "it begins or ends with a character that hides it".to_owned()
    } else if is_device(name) {
        "some systems keep that name for a device".to_owned()
    } else {
        return None;
    };
    Some(why)
}

/// Says why this path inside a repository leads out of it, if it does.
pub(crate) fn path_fault(path: &str) -> Option<String> {
    path.split('/').find_map(fault)
}

/// Characters that turn or hide text in a terminal.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |kind: &str| {
        stem.strip_prefix(kind)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused_and_usual_ones_are_not() {
        let long = "x".repeat(201);
        for bad in [
            "",
            ".",
            "..",
            "../x.gguf",
            "/etc/passwd",
            "a/b.gguf",
            "a\\b.gguf",
            "a\0.gguf",
            "a\n.gguf",
            "\u{1b}[2J.gguf",
            "\u{202e}ffug.x",
            ".hidden.gguf",
            "-rf.gguf",
            "con.gguf",
            "LPT1.gguf",
            "c:x.gguf",
            "x.gguf.",
            &long,
        ] {
            assert!(fault(bad).is_some(), "{bad:?} was taken");
        }
        for good in
            ["Qwen3-8B-Q4_K_M.gguf", "model-00001-of-00002.gguf", "Über+2.gguf", "console.gguf"]
        {
            assert_eq!(fault(good), None, "{good:?}");
        }
        assert!(path_fault("Q4_K_M/../../x.gguf").is_some());
        assert_eq!(path_fault("Q4_K_M/x.gguf"), None);
    }
}
