//! Knows how each family of models marks its thinking and its calls.
//!
//! The family is told by the words its chat template writes: a model is shown there what it is
//! to write itself. Facts only; `reader` and `constraint` act on them.

/// How a model marks what it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// What stands around its thinking.
    pub(crate) thinking: Marks,
    /// What opens its calls; the first is the usual one.
    pub(crate) begins: &'static [&'static str],
    /// What closes them; the first is the usual one.
    pub(crate) ends: &'static [&'static str],
    /// How a call is put between those.
    pub(crate) shape: Shape,
}

/// What stands around something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Before it.
    pub(crate) open: &'static str,
    /// After it.
    pub(crate) close: &'static str,
}

/// How a call is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"name": ..., "arguments": ...}`, one between each pair of marks.
    Object,
    /// The same with `parameters` and no mark behind; also a bare object at the very start.
    Bare,
    /// A list of objects with these two keys.
    List(&'static str, &'static str),
    /// `name[ARGS]{...}`, no mark behind.
    Named,
    /// Between marks of its own: `function`, separator, name, and JSON in a fence.
    Fenced,
    /// Between marks of its own: name, separator, JSON.
    Separated,
    /// Between marks of its own: `functions.name:0`, separator, JSON.
    Numbered,
    /// `<function=name>` and `<parameter=key>`.
    Functions,
    /// The name, then `<arg_key>` and `<arg_value>`.
    Keys,
    /// `<invoke name="...">` and `<parameter name="...">`.
    Invokes,
    /// The same with a prefix on every tag, and parameters that say whether they are strings.
    Prefixed,
    /// `call:name{key:value}` with this around strings.
    Notation(&'static str),
    /// `[name(key=value)]`.
    Python,
    /// Messages on channels, each with a header.
    Harmony,
}

const THINK: Marks = Marks { open: "<think>", close: "</think>" };

/// Thinking by what the template writes; the first that fits counts.
const THINKING: [(&str, Marks); 6] = [
    ("[THINK]", Marks { open: "[THINK]", close: "[/THINK]" }),
    ("<|START_THINKING|>", Marks { open: "<|START_THINKING|>", close: "<|END_THINKING|>" }),
    ("<|channel>", Marks { open: "<|channel>thought", close: "<channel|>" }),
    ("<seed:think>", Marks { open: "<seed:think>", close: "</seed:think>" }),
    ("<|channel|>", Marks { open: "<|channel|>analysis<|message|>", close: "<|end|>" }),
    ("<think>", THINK),
];

const fn style(
    shape: Shape,
    begins: &'static [&'static str],
    ends: &'static [&'static str],
) -> Style {
    Style { thinking: THINK, begins, ends, shape }
}

/// Families by what their templates write; the first of which all words appear counts.
const FAMILIES: [(&[&str], Style); 20] = [
    (
        &["<|channel|>", "<|message|>", "<|start|>"],
        style(Shape::Harmony, &["<|channel|>commentary to=functions."], &["<|call|>"]),
    ),
    (
        &["<|tool_call>", "<tool_call|>"],
        style(Shape::Notation("<|\"|>"), &["<|tool_call>"], &["<tool_call|>"]),
    ),
    (
        &["<start_function_call>"],
        style(Shape::Notation("<escape>"), &["<start_function_call>"], &["<end_function_call>"]),
    ),
    (&["[TOOL_CALLS]", "[ARGS]"], style(Shape::Named, &["[TOOL_CALLS]"], &[])),
    (&["[TOOL_CALLS]"], style(Shape::List("name", "arguments"), &["[TOOL_CALLS]"], &[])),
    (
        &["<｜DSML｜", "function_calls>"],
        style(Shape::Prefixed, &["<｜DSML｜function_calls>"], &["</｜DSML｜function_calls>"]),
    ),
    (&["<｜DSML｜"], style(Shape::Prefixed, &["<｜DSML｜tool_calls>"], &["</｜DSML｜tool_calls>"])),
    (&["<｜tool▁calls▁begin｜>", "```json"], DEEPSEEK_FENCED),
    (&["<｜tool▁calls▁begin｜>"], Style { shape: Shape::Separated, ..DEEPSEEK_FENCED }),
    (
        &["<|tool_calls_section_begin|>"],
        style(
            Shape::Numbered,
            &["<|tool_calls_section_begin|>", "<|tool_call_begin|>"],
            &["<|tool_calls_section_end|>"],
        ),
    ),
    (
        &["<minimax:tool_call>"],
        style(Shape::Invokes, &["<minimax:tool_call>"], &["</minimax:tool_call>"]),
    ),
    (&["<arg_key>"], style(Shape::Keys, &["<tool_call>"], &["</tool_call>"])),
    (&["<seed:tool_call>"], style(Shape::Functions, &["<seed:tool_call>"], &["</seed:tool_call>"])),
    (
        &["<function=", "<tool_call>"],
        style(Shape::Functions, &["<tool_call>", "<function="], &["</tool_call>"]),
    ),
    (&["<TOOLCALL>"], style(Shape::List("name", "arguments"), &["<TOOLCALL>"], &["</TOOLCALL>"])),
    (
        &["<|START_ACTION|>"],
        style(Shape::List("tool_name", "parameters"), &["<|START_ACTION|>"], &["<|END_ACTION|>"]),
    ),
    (
        &["<|tool_call_start|>"],
        style(Shape::Python, &["<|tool_call_start|>"], &["<|tool_call_end|>"]),
    ),
    (
        &["<|tool_call|>"],
        style(Shape::List("name", "arguments"), &["<|tool_call|>"], &["<|/tool_call|>"]),
    ),
    (&["<tool_call>"], style(Shape::Object, &["<tool_call>"], &["</tool_call>"])),
    (&["<|start_header_id|>"], style(Shape::Bare, &["<|python_tag|>"], &["<|eom_id|>"])),
];

const DEEPSEEK_FENCED: Style = style(
    Shape::Fenced,
    &["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>"],
    &["<｜tool▁calls▁end｜>"],
);

/// Marks that say nothing to a reader.
pub(super) const SILENT: [&str; 2] = ["<|START_RESPONSE|>", "<|END_RESPONSE|>"];

impl Style {
    /// Returns the style that models are taught for which nothing else is known.
    pub(crate) const fn generic() -> Self {
        style(Shape::Object, &["<tool_call>"], &["</tool_call>"])
    }

    /// Returns the style of a model with this chat template.
    ///
    /// `native` says whether the template speaks of tools; if not, calls are marked the generic
    /// way, because that is how the model is told to write them.
    pub(crate) fn of(template: &str, native: bool) -> Self {
        let fitting = |words: &&[&str]| words.iter().all(|word| template.contains(word));
        let family = FAMILIES.into_iter().find(|(words, _)| fitting(words));
        let family = family.map_or(Self::generic(), |(_, style)| style);
        let calls = if native || family.shape == Shape::Harmony { family } else { Self::generic() };
        let thinking = THINKING.into_iter().find(|(word, _)| template.contains(word));
        Self { thinking: thinking.map_or(THINK, |(_, marks)| marks), ..calls }
    }

    /// Returns every text that means something where this style is read.
    pub(crate) fn marks(&self) -> impl Iterator<Item = &'static str> {
        let quote = match self.shape {
            Shape::Notation(quote) => Some(quote),
            _ => None,
        };
        let items: &[&str] = match self.shape {
            Shape::Fenced | Shape::Separated => &DEEPSEEK_ITEM,
            Shape::Numbered => &KIMI_ITEM,
            Shape::Named => &["[ARGS]", "[CALL_ID]"],
            _ => &[],
        };
        let harmony = if self.shape == Shape::Harmony { &HARMONY[..] } else { &[] };
        let thinking = [self.thinking.open, self.thinking.close];
        self.begins
            .iter()
            .chain(self.ends)
            .copied()
            .chain(thinking)
            .chain(quote)
            .chain(items.iter().chain(harmony).copied())
    }
}

/// Begin, separator and end of one call.
pub(crate) const DEEPSEEK_ITEM: [&str; 3] =
    ["<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"];
/// Begin, separator and end of one call.
pub(crate) const KIMI_ITEM: [&str; 3] =
    ["<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"];

const HARMONY: [&str; 3] = ["<|channel|>", "<|start|>", "<|message|>"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_told_by_what_their_templates_write() {
        let shape = |template: &str| Style::of(template, true).shape;
        assert_eq!(shape("<tool_call>\n{\"name\""), Shape::Object);
        assert_eq!(shape("<tool_call><function=a>"), Shape::Functions);
        assert_eq!(shape("<tool_call>x<arg_key>"), Shape::Keys);
        assert_eq!(shape("[TOOL_CALLS] ["), Shape::List("name", "arguments"));
        assert_eq!(shape("[TOOL_CALLS]x[ARGS]"), Shape::Named);
        assert_eq!(shape("no word of tools"), Shape::Object);
        assert_eq!(Style::of("[THINK] [TOOL_CALLS]", false).begins, ["<tool_call>"]);
        assert_eq!(Style::of("[THINK]", true).thinking.close, "[/THINK]");
    }
}
