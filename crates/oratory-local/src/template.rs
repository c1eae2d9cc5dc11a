//! Renders a model's own chat template the way Hugging Face does.
//!
//! Text in, text out: it knows no tokens. A model without a template gets ChatML, the format
//! most models have seen. A template cannot loop for ever: its steps are counted.

mod python;
#[cfg(test)]
mod tests;

use minijinja::{Environment, Error, ErrorKind, Value, context};
use oratory_contract::{Message, Role};

/// Used where a model brings no template.
pub(crate) const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n\
    {{ message.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// Steps a template may take: thousands of messages, yet well under a second.
const FUEL: u64 = 5_000_000;

/// A template did not produce a prompt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    /// The template refused these messages in its own words.
    #[error("the model's chat template refuses these messages: {0}")]
    Refused(String),
    /// The template itself does not work.
    #[error("the model's chat template does not work: {0}")]
    Broken(String),
}

/// A model's chat template, and the tokens it may write.
#[derive(Debug, Default)]
pub(crate) struct Template {
    source: Option<String>,
    bos: String,
    eos: String,
}

impl Template {
    /// Returns the template with this source; `bos` and `eos` are the spellings it may write.
    pub(crate) fn new(source: Option<String>, bos: String, eos: String) -> Self {
        Self { source, bos, eos }
    }

    /// Renders messages into the prompt that the model's answer follows.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<String, TemplateError> {
        match self.render_as_is(messages) {
            // Some families know no system role and say so; their own advice is to put the
            // instructions before the first question.
            Err(TemplateError::Refused(reason)) => {
                let folded = fold_system(messages).ok_or(TemplateError::Refused(reason))?;
                self.render_as_is(&folded)
            }
            done => done,
        }
    }

    fn render_as_is(&self, messages: &[Message]) -> Result<String, TemplateError> {
        let environment = environment();
        let source = self.source.as_deref().unwrap_or(CHATML);
        let context = context! {
            messages => messages,
            add_generation_prompt => true,
            bos_token => self.bos,
            eos_token => self.eos,
        };
        let rendered = environment.render_str(source, context);
        rendered.map_err(|error| explain(&error))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", raise);
    environment.add_function("strftime_now", |format: String| crate::machine::local_time(&format));
    environment.add_filter("tojson", python::tojson);
    environment
}

/// Marks what a template raises itself, to tell it from what goes wrong in it.
const RAISED: &str = "raised: ";

fn raise(message: &str) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, format!("{RAISED}{message}")))
}

fn explain(error: &Error) -> TemplateError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = cause {
        let detail = current.downcast_ref::<Error>().and_then(Error::detail);
        if let Some(message) = detail.and_then(|detail| detail.strip_prefix(RAISED)) {
            return TemplateError::Refused(message.to_owned());
        }
        cause = current.source();
    }
    match error.kind() {
        ErrorKind::OutOfFuel => TemplateError::Broken(format!("it takes over {FUEL} steps")),
        _ => TemplateError::Broken(error.to_string()),
    }
}

/// Returns the messages with the system's put before the first question; `None` if there is
/// nothing to fold.
fn fold_system(messages: &[Message]) -> Option<Vec<Message>> {
    let (system, mut rest): (Vec<_>, Vec<_>) =
        messages.iter().cloned().partition(|message| message.role == Role::System);
    let first = rest.iter_mut().find(|message| message.role == Role::User)?;
    if system.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = system.iter().map(|message| message.content.as_str()).collect();
    parts.push(&first.content);
    first.content = parts.join("\n\n");
    Some(rest)
}
