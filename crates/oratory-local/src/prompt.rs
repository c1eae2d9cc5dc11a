//! Turns a conversation into the tokens a model reads, and keeps control tokens out of people's
//! text.
//!
//! Whoever writes `<|im_end|>` in a message means those letters; read as a control token they
//! would end the message and let the rest pass for the system's words. So every spelling of a
//! control token, in whatever a caller or a tool wrote, is replaced by a mark before the template
//! sees it, and put back as plain text after. Text without one, nearly all, takes the template's
//! exact path.

mod control;
mod media;
mod rating;
#[cfg(test)]
mod tests;

pub(crate) use self::control::medium;
use self::control::{Control, Part};
pub(crate) use self::media::{Added, Blank, Source};
pub(crate) use self::rating::Rater;
use crate::llama::{Model, Token};
use crate::protocol::Trouble;
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
    /// A picture or a sound in it cannot be taken in.
    #[error("{}", .0.message)]
    Medium(Trouble),
}

/// Says what the picture or sound with this number is read as; they are counted through all
/// messages.
pub(crate) type Look<'a> = &'a mut dyn FnMut(usize) -> Result<Vec<Added>, Trouble>;

/// What a model reads before it answers.
pub(crate) struct Prompt {
    /// The tokens, and negative names where something stands that is none.
    pub(crate) tokens: Vec<Token>,
    /// What stands there.
    pub(crate) blanks: Vec<Blank>,
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
        look: Look<'_>,
    ) -> Result<Prompt, PromptError> {
        let mut found = Vec::new();
        let mut guard = |text: &str| self.control.mark(text, &mut found);
        let rendered = self.template.render_guarded(asked, &mut guard)?;
        let parts = control::unmark(&rendered.prompt, &found);
        let least = least_tokens(model, &parts, most.saturating_add(1));
        if least > most {
            return Err(PromptError::TooLong(least));
        }
        let (mut tokens, mut blanks) = (Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Template(text) => tokens.extend(model.tokenise(text, true)),
                Part::Plain(text) => plain(model, text, &mut tokens),
                Part::Medium(number) => {
                    let added = look(number).map_err(PromptError::Medium)?;
                    added.into_iter().for_each(|added| added.add_to(&mut tokens, &mut blanks));
                }
            }
        }
        if let Some((bos, true)) = model.bos() {
            // Many templates write it themselves; two of them confuse a model.
            if tokens.first() != Some(&bos) {
                tokens.insert(0, bos);
                blanks.iter_mut().for_each(|blank| blank.at += 1);
            }
        }
        Ok(Prompt { tokens, blanks, opens: rendered.opens })
    }
}

impl Prompt {
    /// Returns how many places of the context it takes.
    pub(crate) fn takes(&self) -> usize {
        let beside = |blank: &Blank| blank.shape.rows - blank.shape.positions;
        self.tokens.len() + self.blanks.iter().map(beside).sum::<usize>()
    }
}

/// Returns how many tokens the parts take at the least; an end to the counting at `most`.
fn least_tokens(model: &Model, parts: &[Part<'_>], most: usize) -> usize {
    let mut least = 0;
    for part in parts {
        least += match part {
            Part::Template(text) => model.least_tokens(text, true, most),
            Part::Plain(_) | Part::Medium(_) => 1,
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
