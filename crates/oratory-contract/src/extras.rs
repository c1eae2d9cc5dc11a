//! What a request holds beside what is read here: fields, tools and headers of its own dialect.
//!
//! All of it is text of the caller's: it is labelled, masked and looked through like any other.

use serde::{Deserialize, Serialize};

/// Whose words a request was written in, as far as places elsewhere speak them, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Words {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's Responses.
    Responses,
    /// Anthropic's Messages.
    Messages,
    /// Ollama's chats.
    Ollama,
}

/// What a request holds beside what is read here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Extras {
    /// The words it stands in; a place that speaks them is sent it.
    pub words: Option<Words>,
    /// The fields: the text of a JSON object, or nothing.
    pub fields: String,
    /// Tools of types that nobody here knows, each the text of a JSON object.
    pub tools: Vec<String>,
    /// Headers, by name and value.
    pub headers: Vec<(String, String)>,
    /// What is missed where other words are spoken; what is only a hint is not among it.
    pub missed: Vec<Missed>,
    /// What is left out wherever the request goes, by name.
    pub lost: Vec<String>,
    /// What becomes of a request of which something would be left out.
    pub strictness: Strictness,
}

/// Something that is missed where it is left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Missed {
    /// Its name, as it stands in the request.
    pub name: String,
    /// What would be otherwise without it, where the request makes no sense then; such a request
    /// goes only where it is understood.
    pub needed: Option<&'static str>,
}

/// What becomes of a request of which something would be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum Strictness {
    /// It is answered, and the answer says what was left out.
    #[default]
    Lenient,
    /// It is refused.
    Strict,
}

impl Extras {
    /// Returns every piece of text in it.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let values = self.headers.iter().map(|(_, value)| value.as_str());
        let fields = Some(self.fields.as_str()).filter(|fields| !fields.is_empty());
        fields.into_iter().chain(self.tools.iter().map(String::as_str)).chain(values)
    }

    /// Says that something is missed where it is left out, though the request makes sense.
    pub fn misses(&mut self, name: impl Into<String>) {
        self.missed.push(Missed { name: name.into(), needed: None });
    }

    /// Says that a request makes no sense without something, and why.
    pub fn needs(&mut self, name: impl Into<String>, why: &'static str) {
        self.missed.push(Missed { name: name.into(), needed: Some(why) });
    }

    /// Says that it makes no sense without anything in it that is missed, and why.
    pub fn needs_all(&mut self, why: &'static str) {
        for missed in &mut self.missed {
            missed.needed.get_or_insert(why);
        }
    }

    /// Returns the names of what is left out at a place, by whether it speaks these words.
    pub fn left_out(&self, understood: bool) -> impl Iterator<Item = &str> {
        let missed = self.missed.iter().filter(move |_| !understood);
        self.lost.iter().map(String::as_str).chain(missed.map(|missed| missed.name.as_str()))
    }

    /// Returns the first thing without which the request makes no sense.
    pub fn needed(&self) -> Option<(&str, &'static str)> {
        self.missed.iter().find_map(|missed| Some((missed.name.as_str(), missed.needed?)))
    }
}
