//! Renders a conversation through a model's own chat template the way Hugging Face does.
//!
//! Text in, text out: it knows no tokens. A model without a template gets ChatML, the format
//! most models have seen. What a template cannot say, such as tools it does not know, is put
//! into words it can. A template cannot loop for ever or write without end: both are counted.

mod abilities;
mod fold;
mod jinja;
mod python;
#[cfg(test)]
mod tests;
mod turns;

use oratory_contract::{Effort, Message, Tools};

use self::abilities::Abilities;
use self::jinja::{Jinja, Values};
use self::turns::{Guard, Talk};
use crate::speech::{Shape, Style};

/// Used where a model brings no template.
pub(crate) const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n\
    {{ message.content }}<|im_end|>\n{% endfor %}\
    {% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/// A template did not produce a prompt.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    /// The template refused these messages in its own words.
    #[error("the model's chat template refuses these messages: {0}")]
    Refused(String),
    /// The template itself does not work.
    #[error("the model's chat template does not work: {0}")]
    Broken(String),
}

/// What a prompt is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversation<'a> {
    /// Who said what, oldest first.
    pub(crate) messages: &'a [Message],
    /// What may be called.
    pub(crate) tools: &'a Tools,
    /// How much the model is to think; `None` leaves that to it.
    pub(crate) effort: Option<Effort>,
    /// Seconds since 1970, for templates that tell the date.
    pub(crate) now: i64,
}

/// A prompt, and what the answer to it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The text.
    pub(crate) prompt: String,
    /// What the model is in the middle of where the prompt ends.
    pub(crate) opens: Opens,
}

/// What a model is in the middle of where its prompt ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Opens {
    /// Nothing: it may think first, if it does.
    #[default]
    Answer,
    /// Thinking: the template has opened that.
    Thinking,
}

/// A model's chat template, and what it turned out to understand.
#[derive(Debug)]
pub(crate) struct Template {
    jinja: Result<Jinja, TemplateError>,
    abilities: Abilities,
    style: Style,
    thinks: bool,
}

impl Default for Template {
    fn default() -> Self {
        Self::new(None, String::new(), String::new())
    }
}

impl Template {
    /// Returns the template with this source; `bos` and `eos` are the spellings it may write.
    ///
    /// Renders a few small conversations to see what the template understands.
    pub(crate) fn new(source: Option<String>, bos: String, eos: String) -> Self {
        let source = source.unwrap_or_else(|| CHATML.to_owned());
        let jinja = Jinja::new(&source, bos, eos);
        let abilities = jinja.as_ref().map(|jinja| Abilities::of(jinja, &source));
        let abilities = abilities.unwrap_or_default();
        let style = Style::of(&source, abilities.tools);
        let thinks = style.shape == Shape::Harmony || source.contains(style.thinking.open);
        Self { jinja, abilities, style, thinks }
    }

    /// Says whether a model with this template may think before it answers.
    pub(crate) fn thinks(&self) -> bool {
        self.thinks
    }

    /// Returns how a model with this template marks its thinking and its calls.
    pub(crate) fn style(&self) -> &Style {
        &self.style
    }

    /// Renders a conversation into the prompt that the model's answer follows.
    #[cfg(test)]
    pub(crate) fn render(&self, asked: &Conversation<'_>) -> Result<Rendered, TemplateError> {
        self.render_guarded(asked, &mut str::to_owned)
    }

    /// Renders a conversation in which `guard` has replaced every text somebody else wrote.
    pub(crate) fn render_guarded(
        &self,
        asked: &Conversation<'_>,
        guard: Guard<'_>,
    ) -> Result<Rendered, TemplateError> {
        let jinja = self.jinja.as_ref().map_err(Clone::clone)?;
        let mut talk = Talk::of(asked, &self.style, guard);
        if self.abilities.short_ids {
            talk.shorten_ids();
        }
        if self.abilities.text_arguments {
            talk.put_arguments_into_text();
        }
        if talk.offers() && !self.abilities.tools {
            fold::tools(&mut talk, asked.tools);
        } else if talk.calls() && !self.abilities.calls {
            fold::calls(&mut talk);
        }
        let prompt = match jinja.render(self.values(&talk, asked)) {
            // Some families know no system role and say so; their own advice is to put the
            // instructions before the first question.
            Err(TemplateError::Refused(reason)) => {
                fold::system(&mut talk).ok_or(TemplateError::Refused(reason))?;
                jinja.render(self.values(&talk, asked))?
            }
            done => done?,
        };
        let opens = self.opens(&prompt);
        Ok(Rendered { prompt, opens })
    }

    fn values<'t>(&self, talk: &'t Talk, asked: &Conversation<'_>) -> Values<'t> {
        Values {
            talk,
            effort: asked.effort.map(|effort| self.abilities.word_for(effort)),
            thinks: asked.effort.map(|effort| effort != Effort::Off),
            now: asked.now,
        }
    }

    fn opens(&self, prompt: &str) -> Opens {
        // A header on the analysis channel is written by gpt-oss itself, never by a template.
        let open = self.style.thinking.open;
        let thinking = self.style.shape != Shape::Harmony && prompt.trim_end().ends_with(open);
        if thinking { Opens::Thinking } else { Opens::Answer }
    }
}
