//! Runs chat templates: minijinja with the settings and functions Hugging Face gives to Jinja2.
//!
//! It knows values, not what they mean.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::turns::Talk;
use super::{TemplateError, python};

/// Steps a template may take. Two hundred thousand messages take fewer; on a slow machine so many
/// take a second or two.
const FUEL: u64 = 5_000_000;

/// How long a template may take: a single step that copies a long text takes long, too.
const LIMIT: Duration = Duration::from_secs(3);

/// The longest template; those of today's models take under 40 KiB.
const LONGEST_SOURCE: usize = 1 << 20;

/// The longest prompt; the largest request is a quarter of this.
const LONGEST_PROMPT: usize = 64 << 20;

const NAME: &str = "chat";

/// A chat template, compiled.
#[derive(Debug)]
pub(super) struct Jinja {
    environment: Arc<Environment<'static>>,
    bos: String,
    eos: String,
    /// Writes a prompt whose time was over before it was done. Nothing can stop it.
    late: Mutex<Option<JoinHandle<()>>>,
    /// Whether it has ever taken too much.
    spent: AtomicBool,
}

/// What a template is given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) talk: &'a Talk,
    /// The word for how much to think, if anything was said of it.
    pub(super) effort: Option<&'static str>,
    /// Whether to think, if anything was said of it.
    pub(super) thinks: Option<bool>,
    pub(super) now: i64,
}

impl Jinja {
    pub(super) fn new(source: &str, bos: String, eos: String) -> Result<Self, TemplateError> {
        if source.len() > LONGEST_SOURCE {
            let why = format!("it has {} bytes; at most {LONGEST_SOURCE} are read", source.len());
            return Err(TemplateError::Broken(why));
        }
        let mut environment = environment();
        environment
            .add_template_owned(NAME, without_generation(source))
            .map_err(|error| explain(&error))?;
        let environment = Arc::new(environment);
        Ok(Self { environment, bos, eos, late: Mutex::default(), spent: AtomicBool::new(false) })
    }

    pub(super) fn render(&self, values: Values<'_>) -> Result<String, TemplateError> {
        let now = values.now;
        let clock = move |format: &str| crate::machine::local_time(now, format);
        let told = |thinks: Option<bool>| thinks.map_or(Value::UNDEFINED, Value::from);
        // Without tools, Hugging Face hands over none rather than an empty list.
        let tools: Option<&[Value]> = values.talk.offers().then_some(&values.talk.tools);
        let context = context! {
            messages => values.talk.messages(),
            tools => tools,
            documents => None::<Value>,
            add_generation_prompt => true,
            bos_token => self.bos,
            eos_token => self.eos,
            enable_thinking => told(values.thinks),
            thinking => told(values.thinks),
            reasoning_effort => values.effort.map_or(Value::UNDEFINED, Value::from),
            strftime_now => Value::from_function(clock),
        };
        self.run(context)
    }

    /// Says whether the template has ever taken too many steps, too much text or too long.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::SeqCst)
    }

    /// Writes a prompt in a thread of its own, which is left behind where it takes too long.
    fn run(&self, context: Value) -> Result<String, TemplateError> {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        if late.as_ref().is_some_and(|late| !late.is_finished()) {
            return Err(self.too_long());
        }
        let (done, outcome) = sync_channel(1);
        let environment = Arc::clone(&self.environment);
        let write = move || drop(done.send(write(&environment, &context)));
        let thread = thread::Builder::new().name("template".into()).spawn(write);
        let thread = thread.map_err(|error| TemplateError::Broken(error.to_string()))?;
        match outcome.recv_timeout(LIMIT) {
            Ok(outcome) => outcome.map_err(|problem| self.told(problem)),
            Err(RecvTimeoutError::Timeout) => {
                *late = Some(thread);
                Err(self.too_long())
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(TemplateError::Broken("the program that runs it failed".to_owned()))
            }
        }
    }

    fn told(&self, problem: Problem) -> TemplateError {
        if let Problem::TooMuch(_) = problem {
            self.spent.store(true, Ordering::SeqCst);
        }
        match problem {
            Problem::TooMuch(why) => TemplateError::Broken(why),
            Problem::Error(error) => error,
        }
    }

    fn too_long(&self) -> TemplateError {
        self.told(Problem::TooMuch(format!("it takes over {} s", LIMIT.as_secs())))
    }
}

/// Why there is no prompt.
enum Problem {
    /// It would have taken more than it may.
    TooMuch(String),
    Error(TemplateError),
}

fn write(environment: &Environment<'_>, context: &Value) -> Result<String, Problem> {
    let template = environment.get_template(NAME).expect("it was added when it was made");
    let mut out = Capped::default();
    let written = template.render_captured_to(context, &mut out);
    match written {
        _ if out.full => Err(Problem::TooMuch(format!("it writes over {LONGEST_PROMPT} bytes"))),
        Ok(_) => Ok(String::from_utf8(out.text).expect("templates write characters")),
        Err(error) if error.kind() == ErrorKind::OutOfFuel => {
            Err(Problem::TooMuch(format!("it takes over {FUEL} steps")))
        }
        Err(error) => Err(Problem::Error(explain(&error))),
    }
}

/// Keeps what is written, up to a size.
#[derive(Default)]
struct Capped {
    text: Vec<u8>,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > LONGEST_PROMPT {
            self.full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_fuel(Some(FUEL));
    environment.add_function("raise_exception", raise);
    python::teach(&mut environment);
    environment
}

/// Takes out the tag with which training marks what the model said; a condition that always
/// holds keeps the space around it as it was.
fn without_generation(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("{%") {
        out.push_str(before);
        out.push_str("{%");
        let sign = after.len() - after.trim_start_matches(['-', '+']).len();
        let word = after[sign..].trim_start();
        let space = after.len() - word.len();
        out.push_str(&after[..space]);
        rest = &after[space..];
        for (tag, stand_in) in [("generation", "if true"), ("endgeneration", "endif")] {
            let ended = word
                .strip_prefix(tag)
                .filter(|end| end.trim_start().trim_start_matches(['-', '+']).starts_with("%}"));
            if let Some(end) = ended {
                out.push_str(stand_in);
                rest = end;
            }
        }
    }
    out + rest
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
    TemplateError::Broken(error.to_string())
}
