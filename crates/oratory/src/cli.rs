//! What can be typed. Commands are here; settings come from their own table.
//!
//! Every command's `--help` ends in an example that works.

mod eval;
mod keys;
mod ledger;
mod models;
mod policy;
mod privacy;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::out::WrongUsage;
use crate::settings::{Kind, Layers, SETTINGS, Settings};
pub(crate) use eval::{Eval, EvalWhat, Learning, Replaying};
pub(crate) use keys::{AddKey, Expiry, Keys, KeysWhat};
pub(crate) use ledger::{By, Ledger};
pub(crate) use models::{Import, Models, ModelsWhat, Named, Pull, Remove};
pub(crate) use policy::{Explain, Judged, Policy, PolicyWhat};
pub(crate) use privacy::{Forgetting, Mask, Privacy, PrivacyWhat, ReceiptsArgs, Restore, Scan};

/// The hidden subcommand that turns this binary into an engine process.
pub(crate) const WORKER: &str = "worker";

/// Private intelligence: at home first, and everywhere else by rule.
#[derive(Parser)]
#[command(name = "oratory", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Start here:\n  oratory up                     serve on http://127.0.0.1:11435\n  oratory ask \"Why is the sky blue?\"\n  oratory help COMMAND           more, with an example"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// The settings file
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
}

/// A command and its arguments.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start serving with what this machine has
    #[command(
        after_help = "Example:\n  oratory up --listen 127.0.0.1:8080\n  curl http://127.0.0.1:8080/v1/chat/completions -H 'content-type: application/json' \\\n    -d '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'"
    )]
    Up(Serving),
    /// Serve quietly, for a service manager
    #[command(after_help = "Example:\n  oratory serve --log info")]
    Serve(Serving),
    /// Chat with one model on this machine
    #[command(
        after_help = "Examples:\n  oratory run mini \"Hello\"\n  oratory run Qwen/Qwen3-8B-GGUF       fetched first, if it is not here\n  oratory run ./qwen3-4b.gguf          a file, chatting until Ctrl-D\n  git diff | oratory run qwen3-4b      standard input as the prompt"
    )]
    Run(Run),
    /// Send one request through the whole path
    #[command(
        after_help = "Examples:\n  oratory ask --explain \"Who wrote Faust?\"\n  oratory ask --file notes.txt \"Sum this up\"\n  oratory ask --label public --model lab/qwen3-32b --json \"Hello\""
    )]
    Ask(Ask),
    /// Say where a request would go; run nothing
    #[command(after_help = "Example:\n  oratory route --explain \"Mail ada@example.org\"")]
    Route(Route),
    /// Show the places and models, and what each may receive
    #[command(after_help = "Example:\n  oratory portfolio --json")]
    Portfolio(Json),
    /// Fetch, list, show, import and remove model files
    #[command(
        after_help = "Examples:\n  oratory models pull Qwen/Qwen3-8B-GGUF           Hugging Face, the best that fits\n  oratory models pull Qwen/Qwen3-8B-GGUF:Q8_0      another quantisation\n  oratory models pull qwen3:8b                     the Ollama registry\n  oratory models import                            what other programs here hold"
    )]
    Models(Models),
    /// Say which models fit this machine, and how fast they will be
    #[command(after_help = "Examples:\n  oratory fit\n  oratory fit --context 32768 --json")]
    Fit(Json),
    /// Measure one model on this machine
    #[command(
        after_help = "Examples:\n  oratory bench qwen3-4b\n  oratory bench ./model.gguf --seconds 120 --json"
    )]
    Bench(Bench),
    /// Find out how a model runs fastest on this machine
    #[command(
        after_help = "Examples:\n  oratory tune qwen3-4b\n  oratory tune ./model.gguf --json\n\nTakes half a minute. What is found holds for this file and machine from the next time\nthe model is loaded; `oratory models show` tells it."
    )]
    Tune(Tune),
    /// Find, mask and restore what is private in files, and show what has left
    #[command(
        after_help = "Examples:\n  oratory privacy scan --json notes.txt\n  oratory privacy mask notes.txt > masked.txt\n  oratory privacy receipts --verify"
    )]
    Privacy(Privacy),
    /// Check the policy, test what it promises, explain what it decides
    #[command(
        after_help = "Examples:\n  oratory policy check policy.cedar\n  oratory policy test\n  oratory policy explain --found confidential+pii --place cloud"
    )]
    Policy(Policy),
    /// Give callers keys of their own, with rights and budgets
    #[command(
        after_help = "Examples:\n  oratory keys add ada --budget \"10 usd/day\"\n  oratory keys list\n  oratory keys rm ada"
    )]
    Keys(Keys),
    /// Add up tokens, money and energy, and say what stayed at home
    #[command(
        after_help = "Examples:\n  oratory ledger --by day --days 30\n  oratory ledger --reference openai/gpt-5.4 --json\n  oratory ledger --machine 2500 --watts 60      when it has paid for itself\n  oratory ledger --html ledger.html             one page with plots\n\nA request counts with the price that held when it ended; where none was recorded, with today's. Cached tokens \
are compared as cached ones."
    )]
    Ledger(Ledger),
    /// Measure routing on what models have answered
    #[command(
        after_help = "Example:\n  oratory eval replay outcomes.jsonl --weak qwen3-4b --strong lab/qwen3-32b"
    )]
    Eval(Eval),
    /// Look for what is wrong and say what to do
    #[command(after_help = "Example:\n  oratory doctor")]
    Doctor(Json),
    /// Show the settings that hold and where each comes from
    #[command(after_help = "Examples:\n  oratory config\n  oratory config reference > settings.md")]
    Config(ConfigArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  oratory completions bash > ~/.local/share/bash-completion/completions/oratory"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Args)]
pub(crate) struct Tune {
    /// A model's name or a .gguf file
    pub(crate) model: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Serving {
    /// A model file to serve, beside those in the models folder; may be given again
    #[arg(long = "file", value_name = "MODEL.gguf")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Run {
    /// A model's name, a .gguf file, or what `oratory models pull` takes
    pub(crate) model: String,
    /// What to ask; without it, a conversation
    pub(crate) prompt: Option<String>,
    #[command(flatten)]
    pub(crate) sampling: Sampled,
}

#[derive(Args, Clone, Copy)]
pub(crate) struct Sampled {
    /// 0 always takes the likeliest token
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f32>,
    /// Makes sampling repeatable
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The most tokens to produce
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,
}

#[derive(Args)]
pub(crate) struct Asking {
    /// What to ask; `-` reads standard input
    pub(crate) prompt: String,
    /// A text file to go with it
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The model, or place/model; by default Oratory chooses
    #[arg(long, default_value = "auto")]
    pub(crate) model: String,
    /// How sensitive it is: public, internal, confidential or secret
    #[arg(long)]
    pub(crate) label: Option<oratory_contract::Sensitivity>,
    /// What it is for, as policies know it
    #[arg(long)]
    pub(crate) purpose: Option<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// Say how it was decided
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) asking: Asking,
    #[command(flatten)]
    pub(crate) sampling: Sampled,
}

#[derive(Args)]
pub(crate) struct Route {
    #[command(flatten)]
    pub(crate) asking: Asking,
}

#[derive(Args)]
pub(crate) struct Json {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Bench {
    /// A model's name, or a .gguf file
    pub(crate) model: String,
    /// How long to measure at the most, in seconds
    #[arg(long, value_name = "N", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// Only how fast llama.cpp alone writes after so many tokens, to compare with
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub(crate) alone: Option<u32>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) what: Option<ConfigWhat>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to print about the settings.
#[derive(Subcommand)]
pub(crate) enum ConfigWhat {
    /// Print the reference page of all settings
    Reference,
    /// Print the JSON schema of the settings file
    Schema,
    /// Print what is served over HTTP, as an OpenAPI description
    Openapi,
    /// Print where the settings file is looked for
    Path,
}

/// Returns the command line as clap sees it, settings included.
pub(crate) fn command() -> clap::Command {
    let flags = SETTINGS.iter().filter(|setting| !setting.flag.is_empty());
    flags.fold(Cli::command(), |command, setting| {
        let variable = setting.environment().unwrap_or_default();
        let default = match setting.default.trim_matches('"') {
            "" => String::new(),
            default => format!(" [default: {default}]"),
        };
        let about = setting.about.trim_end_matches('.');
        let argument = Arg::new(setting.key)
            .long(setting.flag)
            .global(true)
            .help_heading("Settings")
            .help(format!("{about}{default} [env: {variable}]"));
        command.arg(match setting.kind {
            // Named without a value it is on; a value needs its sign, or it would take the next word.
            Kind::Switch => argument
                .value_name("on|off")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("on"),
            _ => argument.value_name(setting.flag.to_uppercase()),
        })
    })
}

/// Reads the command line, the environment and the settings file.
pub(crate) fn parse() -> anyhow::Result<(Command, Settings)> {
    let matches = command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let settings =
        Settings::lay(layers(&cli, &matches)?).map_err(|error| WrongUsage(error.to_string()))?;
    Ok((cli.command, settings))
}

fn layers(cli: &Cli, matches: &ArgMatches) -> anyhow::Result<Layers> {
    let environment = environment()?;
    let named = cli.config.clone().or_else(|| {
        environment.get("ORATORY_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from)
    });
    let flags = SETTINGS.iter().filter(|setting| !setting.flag.is_empty()).filter_map(|setting| {
        let text = matches.get_one::<String>(setting.key)?;
        Some((setting.flag, text.clone()))
    });
    Ok(Layers {
        flags: flags.collect(),
        named: named.is_some(),
        file: named.unwrap_or_else(|| usual_file(&environment)),
        environment,
    })
}

/// Reads the environment. What cannot be read is left out, unless it is ours.
fn environment() -> anyhow::Result<BTreeMap<String, String>> {
    let mut environment = BTreeMap::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => {
                environment.insert(name, value);
            }
            Err(_) if name.starts_with("ORATORY_") => {
                let message = format!("the environment variable {name} is not UTF-8 text");
                return Err(WrongUsage(message).into());
            }
            Err(_) => {}
        }
    }
    Ok(environment)
}

fn usual_file(environment: &BTreeMap<String, String>) -> PathBuf {
    let folder = |name: &str| environment.get(name).filter(|text| !text.is_empty());
    let folder = match (folder("ORATORY_HOME"), folder("XDG_CONFIG_HOME"), folder("HOME")) {
        (Some(home), ..) => PathBuf::from(home),
        (_, Some(config), _) => PathBuf::from(config).join("oratory"),
        (.., Some(person)) => PathBuf::from(person).join(".config/oratory"),
        _ => PathBuf::from("."),
    };
    folder.join("config.toml")
}
