//! Turns messages into the tokens a model reads, and keeps control tokens out of people's text.
//!
//! Whoever writes `<|im_end|>` in a message means those letters; read as a control token they
//! would end the message and let the rest pass for the system's words. So every spelling of a
//! control token in a message is replaced by a mark before the template sees it, and put back
//! as plain text after. Messages without one, nearly all, take the template's exact path.

use oratory_contract::Message;

use crate::llama::{Model, Token};
use crate::template::{Template, TemplateError};

/// Unicode reserves these for a program's own use; in a message they are marked like controls.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// Prepares prompts for one model.
pub(crate) struct Prompter {
    template: Template,
    control: Control,
}

/// The spellings of control tokens.
struct Control {
    /// Longest first, so that the longest match wins.
    texts: Vec<String>,
    /// Whether any begins with this byte: nearly no text does, and there are hundreds.
    begins: [bool; 256],
}

impl Prompter {
    pub(crate) fn new(model: &Model) -> Self {
        let spelled = |token: Option<Token>| token.map(|token| model.spelling(token));
        let template = Template::new(
            model.chat_template(),
            spelled(model.bos().map(|(token, _)| token)).unwrap_or_default(),
            spelled(model.eos()).unwrap_or_default(),
        );
        Self { template, control: Control::new(model.control_texts()) }
    }

    /// Returns the tokens that the answer to `messages` follows.
    pub(crate) fn tokens(
        &self,
        model: &Model,
        messages: &[Message],
    ) -> Result<Vec<Token>, TemplateError> {
        let mut found = Vec::new();
        let marked: Vec<Message> = messages
            .iter()
            .map(|message| Message {
                content: mark(&message.content, &self.control, &mut found),
                ..message.clone()
            })
            .collect();
        let prompt = self.template.render(&marked)?;
        let mut tokens = Vec::new();
        for part in unmark(&prompt, &found) {
            match part {
                Part::Template(text) => tokens.extend(model.tokenise(text, true)),
                Part::Plain(text) => tokens.extend(model.tokenise(text, false)),
            }
        }
        if let Some((bos, true)) = model.bos() {
            // Many templates write it themselves; two of them confuse a model.
            if tokens.first() != Some(&bos) {
                tokens.insert(0, bos);
            }
        }
        Ok(tokens)
    }
}

impl Control {
    fn new(mut texts: Vec<String>) -> Self {
        // The marks themselves must not be forged.
        texts.extend([OPEN.to_string(), CLOSE.to_string()]);
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let mut begins = [false; 256];
        for first in texts.iter().filter_map(|text| text.bytes().next()) {
            begins[usize::from(first)] = true;
        }
        Self { texts, begins }
    }

    /// Returns the spelling that `text` begins with.
    fn at(&self, text: &str) -> Option<&String> {
        let first = text.bytes().next()?;
        if !self.begins[usize::from(first)] {
            return None;
        }
        self.texts.iter().find(|spelling| text.starts_with(*spelling))
    }
}

/// Replaces each spelling of a control token by a mark that names its place in `found`.
fn mark(text: &str, control: &Control, found: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(spelling) = control.at(rest) {
            out.push_str(&format!("{OPEN}{}{CLOSE}", found.len()));
            found.push(spelling.clone());
            rest = &rest[spelling.len()..];
            continue;
        }
        out.push(first);
        rest = &rest[first.len_utf8()..];
    }
    out
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Template(&'a str),
    Plain(&'a str),
}

/// Cuts a rendered prompt at the marks.
fn unmark<'a>(prompt: &'a str, found: &'a [String]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut rest = prompt;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((number, after)) = after.split_once(CLOSE) else { break };
        parts.push(Part::Template(before));
        if let Some(spelling) = number.parse::<usize>().ok().and_then(|at| found.get(at)) {
            parts.push(Part::Plain(spelling));
        }
        rest = after;
    }
    parts.push(Part::Template(rest));
    parts.retain(|part| !matches!(part, Part::Template("")));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_tokens_in_a_message_stay_letters() {
        let control = Control::new(vec!["<|end|>".into(), "<|end|>x".into()]);
        let mut found = Vec::new();
        let text = format!("a<|end|>xb{OPEN}0{CLOSE}<|end|>");
        let marked = mark(&text, &control, &mut found);
        let prompt = format!("<|user|>{marked}<|end|>");
        let parts = unmark(&prompt, &found);
        let plain: Vec<&str> = parts
            .iter()
            .filter_map(|part| if let Part::Plain(text) = part { Some(*text) } else { None })
            .collect();
        assert_eq!(plain, ["<|end|>x", "\u{fdd0}", "\u{fdd1}", "<|end|>"]);
        assert_eq!(parts.last(), Some(&Part::Template("<|end|>")));
    }
}
