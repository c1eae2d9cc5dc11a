//! How a model is asked to rate a document: in its own words, or as encoders are.
//!
//! Query and document are letters, whatever they spell; neither can pass for the other.

use super::control::{self, Control, Part};
use super::plain;
use crate::llama::{Model, Token};
use crate::speech::Style;

/// Prepares pairs of query and document for one model.
pub(crate) struct Rater {
    template: Option<String>,
    control: Control,
}

impl Rater {
    /// Returns what prepares pairs for `model`.
    pub(crate) fn new(model: &Model) -> Self {
        let control = Control::new(model.control_texts(), &Style::generic());
        Self { template: model.rating_template(), control }
    }

    /// Returns the tokens that the model rates.
    pub(crate) fn tokens(&self, model: &Model, query: &str, document: &str) -> Vec<Token> {
        match &self.template {
            Some(template) => self.filled(model, template, query, document),
            None => pair(model, query, document),
        }
    }

    fn filled(&self, model: &Model, template: &str, query: &str, document: &str) -> Vec<Token> {
        let mut found = Vec::new();
        let text = fill(template, query, document, |text| self.control.mark(text, &mut found));
        let mut tokens = Vec::new();
        for part in control::unmark(&text, &found) {
            match part {
                Part::Template(text) => tokens.extend(model.tokenise(text, true)),
                Part::Plain(text) => plain(model, text, &mut tokens),
                // Nobody puts one into a text that is rated.
                Part::Medium(_) => {}
            }
        }
        tokens
    }
}

/// Puts query and document in their places; what they spell is no place.
fn fill(
    template: &str,
    query: &str,
    document: &str,
    mut guard: impl FnMut(&str) -> String,
) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{query}") {
            out.push_str(&guard(query));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{document}") {
            out.push_str(&guard(document));
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out + rest
}

/// Joins two texts as encoders were trained to read them.
fn pair(model: &Model, query: &str, document: &str) -> Vec<Token> {
    let begin = model.bos().and_then(|(token, add)| add.then_some(token));
    let (between, after) = model.between_and_after();
    let mut tokens: Vec<Token> = begin.into_iter().collect();
    tokens.extend(model.tokenise(query, false));
    tokens.extend(between);
    tokens.extend(model.tokenise(document, false));
    tokens.extend(after);
    tokens
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn what_a_query_spells_is_no_place() {
        let filled = fill("{a} {query}|{document}{", "{document}", "{query}", str::to_owned);
        assert_eq!(filled, "{a} {document}|{query}{");
    }
}
