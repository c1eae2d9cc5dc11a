//! What can be typed behind `oratory models`.
//!
//! Without more, it lists.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Json;

#[derive(Args)]
pub(crate) struct Models {
    #[command(subcommand)]
    pub(crate) what: Option<ModelsWhat>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do with model files.
#[derive(Subcommand)]
pub(crate) enum ModelsWhat {
    /// List the models on this machine
    #[command(
        after_help = "Examples:\n  oratory models list --json\n  oratory models list --available     what people run, with sizes and licences"
    )]
    List(Listed),
    /// List the models in memory of the server that runs here
    #[command(after_help = "Example:\n  oratory models ps --json")]
    Ps(Json),
    /// Fetch a model; stopped in the middle, it goes on from there the next time
    #[command(
        after_help = "Names:\n  OWNER/NAME[:QUANTISATION]      Hugging Face, such as Qwen/Qwen3-8B-GGUF:Q4_K_M\n  NAME[:TAG]                     the Ollama registry, such as qwen3:8b\n  ollama:OWNER/NAME[:TAG]        the Ollama registry, where one slash would mean Hugging Face\n  https://...                    a page on huggingface.co or ollama.com, or any .gguf file\n\nExamples:\n  oratory models pull Qwen/Qwen3-8B-GGUF\n  HF_TOKEN=... oratory models pull google/gemma-3-4b-it-qat-q4_0-gguf"
    )]
    Pull(Pull),
    /// Find the models that Ollama, LM Studio, llama.cpp and Hugging Face hold here; nothing is copied
    #[command(
        after_help = "Examples:\n  oratory models import --dry-run      only lists what was found\n  oratory models import ~/Downloads    a file or a folder"
    )]
    Import(Import),
    /// Show what is known of one model
    #[command(after_help = "Example:\n  oratory models show qwen3-8b")]
    Show(Named),
    /// Remove a model: its files if they were pulled, else only its name
    #[command(after_help = "Example:\n  oratory models rm qwen3-8b --yes")]
    Rm(Remove),
}

#[derive(Args)]
pub(crate) struct Listed {
    /// Open-weight models that could be fetched, instead of those that are here
    #[arg(long)]
    pub(crate) available: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Pull {
    /// The model
    pub(crate) model: String,
    /// Do not ask whether its licence suits, where that is not a free one
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON document at the end
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Import {
    /// A file or folder, instead of the places where programs keep models
    pub(crate) path: Option<PathBuf>,
    /// Only list what was found
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Named {
    /// The model's name, or enough of it
    pub(crate) model: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Remove {
    /// The model's name, or enough of it
    pub(crate) model: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
