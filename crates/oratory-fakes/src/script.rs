//! What a scripted model says, by name.
//!
//! One list for fakes inside the process and for the fake provider on a socket.

use std::str::FromStr;
use std::time::Duration;

use futures_util::StreamExt;
use oratory_contract::{
    Ability, Answer, Asked, At, Begun, CallHead, CallPart, Chance, Chunk, Chunks, Done, Failure,
    FailureKind, Finish, Input, ModelName, PlaceName, Rated, Retry, Task, Usage,
};

/// How a scripted model behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// Says the last message again, a word at a time, to a stop text or a limit of words.
    Echo,
    /// Says a word every 20 ms, for a long time.
    Slow,
    /// Says the last message again, with a second's pause before each word and the end; with
    /// nothing to say, it breaks off.
    Late,
    /// Says two words, then breaks off.
    CutsOff,
    /// Refuses with a rate limit.
    RateLimited,
    /// Fails before the first word.
    Crashes,
    /// Thinks, says a word, rates it, and calls the first tool it is offered.
    Calls,
    /// Holds three words at the most, and else says the last message again.
    Narrow,
    /// Turns a text into how many letters and how many words it has.
    Counts,
    /// Rates a document by the share of the query's words that it holds.
    Rates,
    /// Says how many pictures and sounds there are, how large, and where each stands.
    Sees,
}

impl Script {
    /// Every script.
    pub const ALL: [Self; 11] = [
        Self::Echo,
        Self::Slow,
        Self::Late,
        Self::CutsOff,
        Self::RateLimited,
        Self::Crashes,
        Self::Calls,
        Self::Narrow,
        Self::Counts,
        Self::Rates,
        Self::Sees,
    ];

    /// Returns what a model that follows it can do.
    pub fn abilities(self) -> Vec<Ability> {
        match self {
            Self::Counts => vec![Ability::Embed],
            Self::Rates => vec![Ability::Rank],
            Self::Sees => vec![Ability::Answer, Ability::See, Ability::Hear],
            _ => vec![Ability::Answer],
        }
    }

    /// Returns the script's name, which is also its model's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Slow => "slow",
            Self::Late => "late",
            Self::CutsOff => "cuts-off",
            Self::RateLimited => "rate-limited",
            Self::Crashes => "crashes",
            Self::Calls => "calls",
            Self::Narrow => "narrow",
            Self::Counts => "counts",
            Self::Rates => "rates",
            Self::Sees => "sees",
        }
    }

    /// Returns the words said and the pause before each.
    pub fn words(self, last_message: &str) -> (Vec<String>, Duration) {
        match self {
            Self::Slow => (vec!["word ".to_owned(); 1000], Duration::from_millis(20)),
            Self::CutsOff => (vec!["this ".to_owned(), "stops ".to_owned()], Duration::ZERO),
            _ => {
                let pause =
                    if self == Self::Late { Duration::from_secs(1) } else { Duration::ZERO };
                (last_message.split_inclusive(' ').map(str::to_owned).collect(), pause)
            }
        }
    }

    /// Returns the answer this script gives in the process.
    pub fn answer(
        self,
        place: &PlaceName,
        model: &ModelName,
        asked: &Asked,
    ) -> Result<Answer, Failure> {
        match self {
            Self::RateLimited => {
                Err(Failure::new(FailureKind::Overloaded, At::Remote(place.clone()), "too many")
                    .retry(Retry::After(Duration::from_secs(7))))
            }
            Self::Narrow if count(asked) > 3 => {
                let message = format!(
                    "the prompt takes {} tokens; the model's context holds 3",
                    count(asked)
                );
                Err(Failure::new(FailureKind::TooLong, At::Local, message))
            }
            Self::Crashes => Err(Failure::new(FailureKind::Broken, At::Local, "the model crashed")),
            _ => Ok(Answer {
                place: place.clone(),
                model: model.clone(),
                chunks: self.chunks(place, asked),
            }),
        }
    }

    fn chunks(self, place: &PlaceName, asked: &Asked) -> Chunks {
        if asked.task == Task::Count {
            let usage = Usage { input: count(asked), ..Usage::default() };
            let done = Chunk::Done(Done { finish: Finish::Stop, usage });
            return futures_util::stream::iter([Ok(done)]).boxed();
        }
        match self {
            Self::Calls => return futures_util::stream::iter(calls(asked).map(Ok)).boxed(),
            Self::Counts | Self::Rates => {
                return futures_util::stream::iter(numbers(asked).into_iter().map(Ok)).boxed();
            }
            _ => {}
        }
        let seen = seen(asked);
        let last = match &asked.task {
            _ if self == Self::Sees => &seen,
            Task::Continue(Input::Text(text)) => text,
            _ => asked.messages.last().map_or("", |message| &message.content),
        };
        let (last, mut finish) = until(last, &asked.limits.stop);
        let (mut words, pause) = self.words(last);
        if let Some(most) = asked.limits.max_tokens.filter(|most| (*most as usize) < words.len()) {
            words.truncate(most as usize);
            finish = Finish::Length;
        }
        let end = match self {
            Self::CutsOff | Self::Late if self == Self::CutsOff || words.is_empty() => {
                Err(Failure::new(
                    FailureKind::Unreachable,
                    At::Remote(place.clone()),
                    "the answer broke off",
                ))
            }
            _ => {
                let output = u32::try_from(words.len()).unwrap_or(u32::MAX);
                let usage = Usage { input: 3, output, ..Usage::default() };
                Ok(Chunk::Done(Done { finish, usage }))
            }
        };
        let words = futures_util::stream::iter(words).then(move |word| async move {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            Ok(Chunk::Text(word))
        });
        let end = futures_util::stream::once(async move {
            if self == Self::Late {
                tokio::time::sleep(pause).await;
            }
            end
        });
        words.chain(end).boxed()
    }
}

/// Returns what comes before the first stop text, and whether there was one.
fn until<'a>(text: &'a str, stops: &[String]) -> (&'a str, Finish) {
    let found = (0..).zip(stops).filter_map(|(which, stop)| Some((text.find(stop)?, which)));
    match found.min() {
        Some((at, which)) => (&text[..at], Finish::Text(which)),
        None => (text, Finish::Stop),
    }
}

/// Returns how many words a model is sent, those of its tools included.
fn count(asked: &Asked) -> u32 {
    let words = asked.texts().flat_map(str::split_whitespace).count();
    u32::try_from(words).unwrap_or(u32::MAX)
}

/// Returns a vector for each text, or a rating for each document.
fn numbers(asked: &Asked) -> Vec<Chunk> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut chunks: Vec<Chunk> = match &asked.task {
        Task::Answer | Task::Continue(_) | Task::Count => Vec::new(),
        Task::Embed(embed) => embed
            .inputs
            .iter()
            .map(|input| match input {
                Input::Text(text) => {
                    Chunk::Vector(vec![text.len() as f32, words(text).len() as f32])
                }
                Input::Tokens(tokens) => Chunk::Vector(vec![0.0, tokens.len() as f32]),
            })
            .collect(),
        Task::Rank(rank) => {
            let query = words(&rank.query);
            let share = |document: &String| {
                let found = query.iter().filter(|word| document.contains(word.as_str())).count();
                Chunk::Rating(found as f32 / query.len().max(1) as f32)
            };
            rank.documents.iter().map(share).collect()
        }
    };
    let usage = Usage { input: 3, ..Usage::default() };
    chunks.push(Chunk::Done(Done { finish: Finish::Stop, usage }));
    chunks
}

/// Returns an answer with something of everything an answer may hold.
fn calls(asked: &Asked) -> impl Iterator<Item = Chunk> + Send + use<> {
    let rated = |text: &str, logprob| Rated { id: 7, bytes: text.as_bytes().to_vec(), logprob };
    let chance = Chance { token: rated("Well", -0.5), top: vec![rated("Well", -0.5)] };
    let tool = asked.tools.offered.first().map(|tool| tool.name.clone());
    let part = |begins, arguments: &str| {
        Chunk::Call(CallPart { index: 0, begins, arguments: arguments.to_owned() })
    };
    let call = tool.map(|name| {
        let head = CallHead { id: "call_1".to_owned(), name };
        [part(Some(head), "{\"a\":"), part(None, "1}")]
    });
    let finish = if call.is_some() { Finish::Calls } else { Finish::Stop };
    let usage = Usage { input: 3, cached: 1, output: 4, ..Usage::default() };
    let done = Done { finish, usage };
    let (loading, reading) = (Duration::from_millis(5), Duration::from_millis(2));
    let begun = Begun { input: 3, cached: 1, loading, reading, ..Begun::default() };
    let begin =
        [Chunk::Begun(begun), Chunk::Thinking("Hm.".to_owned()), Chunk::Text("Well".to_owned())];
    let chances = asked.sampling.chances.map(|_| Chunk::Chances(vec![chance]));
    let calls = call.into_iter().flatten();
    begin.into_iter().chain(chances).chain(calls).chain([Chunk::Done(done)])
}

impl FromStr for Script {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|script| script.as_str() == name)
            .ok_or_else(|| format!("there is no script {name:?}"))
    }
}

/// Returns what there is to see and to hear, message by message.
fn seen(asked: &Asked) -> String {
    let media = asked.messages.iter().enumerate().flat_map(|(number, message)| {
        message.media.iter().map(move |medium| {
            let (things, bytes) = (medium.sense.things(), medium.file.bytes().len());
            format!("{things} of {bytes} bytes in message {number} at {}", medium.at)
        })
    });
    media.collect::<Vec<_>>().join(", ")
}
