//! A model's vocabulary, made ready for grammars: once for each model.
//!
//! Sorting 150,000 tokens into a tree takes a moment, so it is done when first needed.

use std::collections::HashMap;
use std::sync::Arc;

use llguidance::api::{ParserLimits, TopLevelGrammar};
use llguidance::toktrie::{
    InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie, TokenizerEnv,
};
use llguidance::{Matcher, ParserFactory, panic_utils};

use super::{Problem, limits};

/// A model's tokens, as its file has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    /// What each token stands for; of a control token, its spelling.
    pub(crate) bytes: Vec<Vec<u8>>,
    /// Whether each is a control token.
    pub(crate) control: Vec<bool>,
    /// The tokens that end an answer.
    pub(crate) ends: Vec<u32>,
}

/// A vocabulary made ready. Copies share it.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Shared>);

struct Shared {
    factory: ParserFactory,
    tokens: TokEnv,
    /// Control tokens by their spelling.
    control: HashMap<String, u32>,
    all_but_ends: SimpleVob,
}

/// The longest token that can come where a form holds.
const LONGEST: usize = 200;

/// What following a grammar may cost. A tenth of a second here or there is the most; what needs
/// more is refused, and the answer fails rather than hangs.
const LIMITS: ParserLimits = ParserLimits {
    max_items_in_row: 2_000,
    initial_lexer_fuel: 2_000_000,
    step_lexer_fuel: 500_000,
    step_max_items: 50_000,
    max_lexer_states: 50_000,
    max_grammar_size: 200_000,
    precompute_large_lexemes: true,
    verbose_errors: false,
};

impl Environment {
    /// Makes a vocabulary ready.
    pub(crate) fn new(vocabulary: &Vocabulary) -> Result<Self, Problem> {
        let wrong = |why: &str| Problem::Vocabulary(why.to_owned());
        let size = u32::try_from(vocabulary.bytes.len()).map_err(|_| wrong("it is too large"))?;
        let first = *vocabulary.ends.first().ok_or_else(|| wrong("no token ends an answer"))?;
        if vocabulary.ends.iter().any(|&end| end >= size)
            || vocabulary.control.len() != vocabulary.bytes.len()
        {
            return Err(wrong("it names tokens that are not in it"));
        }
        let info = TokRxInfo::new(size, first);
        // It asserts what it expects of a vocabulary, and a file may hold anything.
        let made = panic_utils::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let trie = TokTrie::from(&info, &words(vocabulary)).with_eos_tokens(&vocabulary.ends);
            let tokens: TokEnv = Arc::new(Greedy(trie));
            let factory = ParserFactory::new(&tokens, InferenceCapabilities::default(), &slices());
            factory.map(|factory| (factory, tokens))
        }));
        let (mut factory, tokens) =
            made.map_err(|error| wrong(&limits::shortened(&error.to_string())))?;
        factory.quiet();
        *factory.limits_mut() = LIMITS;
        let mut all_but_ends = tokens.tok_trie().alloc_token_set();
        all_but_ends.set_all(true);
        for &end in &vocabulary.ends {
            all_but_ends.disallow_token(end);
        }
        let control = control(vocabulary);
        Ok(Self(Arc::new(Shared { factory, tokens, control, all_but_ends })))
    }

    fn trie(&self) -> &TokTrie {
        self.0.tokens.tok_trie()
    }

    /// Returns what follows a grammar from its start, or why there is none.
    pub(super) fn matcher(&self, grammar: &str) -> Result<Matcher, String> {
        let grammar = TopLevelGrammar::from_lark(grammar.to_owned());
        // The compiler of grammars is young; a panic in it is an error here like any other.
        let made = panic_utils::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.0.factory.create_parser(grammar)
        }));
        let matcher = Matcher::new(made);
        match matcher.get_error() {
            Some(why) => Err(why),
            None => Ok(matcher),
        }
    }

    /// Returns a mask that allows nothing.
    pub(super) fn none(&self) -> SimpleVob {
        self.trie().alloc_token_set()
    }

    /// Returns a mask that allows all but the end.
    pub(super) fn all_but_ends(&self) -> &SimpleVob {
        &self.0.all_but_ends
    }

    /// Returns what a token stands for, control tokens spelled out.
    pub(super) fn bytes(&self, token: u32) -> &[u8] {
        if token as usize >= self.trie().vocab_size() {
            return &[];
        }
        let bytes = self.trie().token(token);
        match bytes {
            [TokTrie::SPECIAL_TOKEN_MARKER, spelling @ ..] => spelling,
            bytes => bytes,
        }
    }

    /// Allows the tokens that `mark` begins with.
    pub(super) fn continue_mark(&self, mark: &[u8], mask: &mut SimpleVob) {
        for token in self.trie().all_prefixes(mark) {
            mask.allow_token(token);
        }
        let control = self.control_at(&String::from_utf8_lossy(mark));
        if let Some((token, _)) = control {
            mask.allow_token(token);
        }
    }

    /// Returns the control token whose spelling `text` begins with.
    fn control_at(&self, text: &str) -> Option<(u32, usize)> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(64);
        let known = ends.filter_map(|end| Some((*self.0.control.get(&text[..end])?, end)));
        known.last()
    }

    /// Returns the grammar of a text in which the spellings of control tokens mean the tokens.
    pub(super) fn literal(&self, text: &str) -> String {
        let mut parts = Vec::new();
        let (mut plain, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            let Some((token, length)) = self.control_at(rest) else {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            };
            parts.extend(quoted(&std::mem::take(&mut plain)));
            parts.push(format!("<[{token}]>"));
            rest = &rest[length..];
        }
        parts.extend(quoted(&plain));
        parts.join(" ")
    }

    /// Says whether `text` is one control token.
    pub(super) fn is_control(&self, text: &str) -> bool {
        self.0.control.contains_key(text)
    }

    /// Returns the tokens of bytes a grammar forces, in which control tokens stand by number.
    pub(super) fn tokens_of(&self, bytes: &[u8], tokenise: impl Fn(&str) -> Vec<u32>) -> Vec<u32> {
        let mut tokens = Vec::new();
        for (at, part) in bytes.split(|&byte| byte == TokTrie::SPECIAL_TOKEN_MARKER).enumerate() {
            let numbered = part.strip_prefix(b"[").filter(|_| at > 0);
            let numbered = numbered.and_then(|part| {
                let end = part.iter().position(|&byte| byte == b']')?;
                let number = std::str::from_utf8(&part[..end]).ok()?.parse().ok()?;
                Some((number, &part[end + 1..]))
            });
            let plain = match numbered {
                Some((token, rest)) => {
                    tokens.push(token);
                    rest
                }
                None => part,
            };
            // A character that is not whole yet waits for its rest.
            let whole = String::from_utf8_lossy(plain);
            let whole = whole.trim_end_matches(char::REPLACEMENT_CHARACTER);
            if !whole.is_empty() {
                tokens.extend(tokenise(whole));
            }
        }
        tokens
    }
}

/// Returns text as a grammar's string.
pub(super) fn quoted(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| serde_json::Value::from(text).to_string())
}

/// Sets of tokens that most states allow or forbid together: those inside strings, the short ones
/// apart, for strings with a limit.
fn slices() -> Vec<String> {
    let inside = r#"[^"\\\x00-\x1F\x7F]"#;
    vec![format!("{inside}{{1,30}}"), format!("{inside}+")]
}

fn words(vocabulary: &Vocabulary) -> Vec<Vec<u8>> {
    let tokens = vocabulary.bytes.iter().zip(&vocabulary.control).enumerate();
    let word = |(number, (bytes, control)): (usize, (&Vec<u8>, &bool))| match control {
        // Longer ones do not fit the tree; they are runs of space and the like.
        _ if bytes.len() > LONGEST => Vec::new(),
        false => bytes.clone(),
        true => {
            let mut word = vec![TokTrie::SPECIAL_TOKEN_MARKER];
            match bytes.is_empty() {
                true => word.extend_from_slice(format!("[{number}]").as_bytes()),
                false => word.extend_from_slice(bytes),
            }
            word
        }
    };
    tokens.map(word).collect()
}

fn control(vocabulary: &Vocabulary) -> HashMap<String, u32> {
    let tokens = (0_u32..).zip(vocabulary.bytes.iter().zip(&vocabulary.control));
    let control = tokens.filter(|(_, (bytes, control))| **control && !bytes.is_empty());
    control
        .map(|(token, (bytes, _))| (String::from_utf8_lossy(bytes).into_owned(), token))
        .collect()
}

/// A tokeniser that takes the longest token each time: enough to compile with. It is not the
/// model's own, which is only asked where tokens are to be guessed.
struct Greedy(TokTrie);

impl TokenizerEnv for Greedy {
    fn tok_trie(&self) -> &TokTrie {
        &self.0
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        self.0.greedy_tokenize(bytes)
    }

    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}
