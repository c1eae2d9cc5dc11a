//! Turns a conversation into the tokens a model reads, and keeps control tokens out of people's
//! text.
//!
//! Whoever writes `<|im_end|>` in a message means those letters; read as a control token they
//! would end the message and let the rest pass for the system's words. So every spelling of a
//! control token, in whatever a caller or a tool wrote, is replaced by a mark before the template
//! sees it, and put back as plain text after. Text without one, nearly all, takes the template's
//! exact path.

mod control;
mod rating;
#[cfg(test)]
mod tests;

use self::control::{Control, Part};
pub(crate) use self::rating::Rater;
use crate::llama::{Model, Token};
use crate::speech::Style;
use crate::template::{Conversation, Opens, Template, TemplateError};

/// Prepares prompts for one model.
pub(crate) struct Prompter {
    template: Template,
    control: Control,
}

/// Why there is no prompt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PromptError {
    /// The template made none.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// It takes at least so many tokens, which is more than were allowed.
    #[error("the prompt takes at least {0} tokens")]
    TooLong(usize),
}

/// What a model reads before it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// The tokens.
    pub(crate) tokens: Vec<Token>,
    /// What the model is in the middle of where they end.
    pub(crate) opens: Opens,
}

impl Prompter {
    /// Returns what prepares prompts for `model`.
    pub(crate) fn new(model: &Model) -> Self {
        let spelled = |token: Option<Token>| token.map(|token| model.spelling(token));
        let template = Template::new(
            model.chat_template(),
            spelled(model.bos().map(|(token, _)| token)).unwrap_or_default(),
            spelled(model.eos()).unwrap_or_default(),
        );
        let control = Control::new(model.control_texts(), template.style());
        Self { template, control }
    }

    /// Returns how the model marks its thinking and its calls.
    pub(crate) fn style(&self) -> &Style {
        self.template.style()
    }

    /// Says whether the model may think before it answers.
    pub(crate) fn thinks(&self) -> bool {
        self.template.thinks()
    }

    /// Returns the tokens that the answer to a conversation follows, unless it is plain without
    /// counting them one by one that there are more than `most`.
    pub(crate) fn tokens(
        &self,
        model: &Model,
        asked: &Conversation<'_>,
        most: usize,
    ) -> Result<Prompt, PromptError> {
        let mut found = Vec::new();
        let mut guard = |text: &str| self.control.mark(text, &mut found);
        let rendered = self.template.render_guarded(asked, &mut guard)?;
        let parts = control::unmark(&rendered.prompt, &found);
        let least = least_tokens(model, &parts, most.saturating_add(1));
        if least > most {
            return Err(PromptError::TooLong(least));
        }
        let mut tokens = Vec::new();
        for part in parts {
            match part {
                Part::Template(text) => tokens.extend(model.tokenise(text, true)),
                Part::Plain(text) => plain(model, text, &mut tokens),
            }
        }
        if let Some((bos, true)) = model.bos() {
            // Many templates write it themselves; two of them confuse a model.
            if tokens.first() != Some(&bos) {
                tokens.insert(0, bos);
            }
        }
        Ok(Prompt { tokens, opens: rendered.opens })
    }
}

/// Returns how many tokens the parts take at the least; an end to the counting at `most`.
fn least_tokens(model: &Model, parts: &[Part<'_>], most: usize) -> usize {
    let mut least = 0;
    for part in parts {
        least += match part {
            Part::Template(text) => model.least_tokens(text, true, most),
            Part::Plain(_) => 1,
        };
        if least >= most {
            break;
        }
    }
    least
}

/// Adds the tokens of a control token's spelling as the letters it is written in.
fn plain(model: &Model, text: &str, tokens: &mut Vec<Token>) {
    let whole = model.tokenise(text, false);
    // Tokens that a model's makers added without calling them control are found in any text;
    // cut in two, the spelling is only letters again.
    let first = text.chars().next().map_or(0, char::len_utf8);
    let (head, rest) = text.split_at(first);
    if whole.len() == 1 && !rest.is_empty() {
        tokens.extend(model.tokenise(head, false));
        tokens.extend(model.tokenise(rest, false));
    } else {
        tokens.extend(whole);
    }
}
