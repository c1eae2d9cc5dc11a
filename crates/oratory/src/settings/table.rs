//! The one table of settings. Add a row here and everything else follows.
//!
//! What a setting does is told by the room it belongs to.

use super::Kind;

/// One setting.
pub(crate) struct Setting {
    /// Where it stands in the file; `*` is a name a person chooses.
    pub(crate) key: &'static str,
    /// What it may hold.
    pub(crate) kind: Kind,
    /// What holds when nobody has said anything, as the file would write it; empty for nothing.
    pub(crate) default: &'static str,
    /// A value worth trying, as the file would write it.
    pub(crate) example: &'static str,
    /// The flag, without its dashes; empty where there is none.
    pub(crate) flag: &'static str,
    /// What it is for, in one sentence.
    pub(crate) about: &'static str,
}

impl Setting {
    /// Returns the environment variable that sets it; none for settings of named places.
    pub(crate) fn environment(&self) -> Option<String> {
        let plain = !self.key.contains('*');
        plain.then(|| format!("ORATORY_{}", self.key.replace('.', "_").to_uppercase()))
    }
}

const LEVELS: &[&str] = &["public", "internal", "confidential", "secret"];
// Not `edge`: only the engine inside is this machine, whatever an address looks like.
const TIERS: &[&str] = &["onprem", "cloud"];
const DECIDED: &[&str] = &["auto", "on", "off"];
const CELLS: &[&str] = &["16-bit", "8-bit"];
const SWITCH: &[&str] = &["off", "on"];
const TUNE: &[&str] = &["when-quiet", "never"];
const GUESS: &[&str] = &["where-it-pays", "always", "never"];
const LOGS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// Every setting, in the order people read them.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        key: "server.listen",
        kind: Kind::Address,
        default: "\"127.0.0.1:11435\"",
        example: "\"127.0.0.1:8080\"",
        flag: "listen",
        about: "The address to serve on; any address but this machine's own needs `server.key`.",
    },
    Setting {
        key: "server.key",
        kind: Kind::Secret,
        default: "",
        example: "\"a long random text\"",
        flag: "",
        about: "The key that clients must send; without it only this machine is served.",
    },
    Setting {
        key: "server.body_megabytes",
        kind: Kind::Whole { min: 1, max: 1024 },
        default: "32",
        example: "64",
        flag: "",
        about: "The largest request body, in megabytes.",
    },
    Setting {
        key: "server.connections",
        kind: Kind::Whole { min: 1, max: 65_536 },
        default: "4096",
        example: "512",
        flag: "",
        about: "Connections open at once; more wait.",
    },
    Setting {
        key: "home.models",
        kind: Kind::Path,
        default: "",
        example: "\"/srv/models\"",
        flag: "models",
        about: "The folder whose .gguf files are the models at home; by default `models` in Oratory's data folder.",
    },
    Setting {
        key: "home.context",
        kind: Kind::Whole { min: 256, max: 16_777_216 },
        default: "8192",
        example: "32768",
        flag: "context",
        about: "The most tokens of one conversation with a model at home; a model made for fewer holds fewer.",
    },
    Setting {
        key: "home.lanes",
        kind: Kind::Whole { min: 0, max: 64 },
        default: "0",
        example: "8",
        flag: "",
        about: "Conversations a model at home answers at once; 0 takes as many as suit the memory.",
    },
    Setting {
        key: "home.memory_megabytes",
        kind: Kind::Whole { min: 0, max: 16_777_216 },
        default: "0",
        example: "16384",
        flag: "",
        about: "Memory that all loaded models may take together; 0 takes most of what the machine has.",
    },
    Setting {
        key: "home.keep_minutes",
        kind: Kind::Whole { min: 0, max: 5_256_000 },
        default: "30",
        example: "5",
        flag: "",
        about: "How long a model at home stays loaded with nothing to do.",
    },
    Setting {
        key: "home.kept_megabytes",
        kind: Kind::Whole { min: 0, max: 16_777_216 },
        default: "4096",
        example: "0",
        flag: "",
        about: "Disk for prompts already computed, sealed, so that a restart need not compute them again; 0 keeps none. What is secret is never kept.",
    },
    Setting {
        key: "home.tune",
        kind: Kind::Choice(TUNE),
        default: "\"when-quiet\"",
        example: "\"never\"",
        flag: "",
        about: "Whether a model that is in use is measured, once, while nobody asks for anything, to find the way it runs fastest on this machine; what `home.threads`, `home.repack` and `home.flash` say stays.",
    },
    Setting {
        key: "home.repack",
        kind: Kind::Choice(DECIDED),
        default: "\"auto\"",
        example: "\"off\"",
        flag: "",
        about: "Whether weights are copied into an order that suits the processor, which takes memory and time at the start.",
    },
    Setting {
        key: "home.flash",
        kind: Kind::Choice(DECIDED),
        default: "\"auto\"",
        example: "\"on\"",
        flag: "",
        about: "Whether attention is computed in one fused step; by default not, where single steps are faster and memory allows.",
    },
    Setting {
        key: "home.cells",
        kind: Kind::Choice(CELLS),
        default: "\"16-bit\"",
        example: "\"8-bit\"",
        flag: "",
        about: "How a conversation is remembered while it is computed; 8-bit takes half the memory, and answers differ a little. It needs attention in one fused step, whatever `home.flash` says.",
    },
    Setting {
        key: "home.lock",
        kind: Kind::Choice(SWITCH),
        default: "\"off\"",
        example: "\"on\"",
        flag: "",
        about: "Whether weights are kept from being paged out; the system may have to allow it.",
    },
    Setting {
        key: "home.guess",
        kind: Kind::Choice(GUESS),
        default: "\"where-it-pays\"",
        example: "\"never\"",
        flag: "",
        about: "Whether tokens are guessed ahead and checked together; each is still chosen from the chances the model gives it. `always` is for measuring.",
    },
    Setting {
        key: "home.draft",
        kind: Kind::Text,
        default: "\"auto\"",
        example: "\"qwen3-0.6b\"",
        flag: "",
        about: "The smaller model that guesses for larger ones with the same vocabulary, besides what was said before; `auto` takes a model's own layers for that, else the largest one here of at most an eighth of the size; `never` takes none.",
    },
    Setting {
        key: "home.preload",
        kind: Kind::Names,
        default: "[]",
        example: "[\"qwen3-8b\"]",
        flag: "",
        about: "Models at home to load when the service starts.",
    },
    Setting {
        key: "home.threads",
        kind: Kind::Whole { min: 0, max: 1024 },
        default: "0",
        example: "4",
        flag: "threads",
        about: "Threads a model at home computes with; 0 takes the physical cores.",
    },
    Setting {
        key: "home.queue",
        kind: Kind::Whole { min: 1, max: 4096 },
        default: "32",
        example: "8",
        flag: "",
        about: "Requests that may wait for one model at home; more are told when to come back.",
    },
    Setting {
        key: "home.stall_seconds",
        kind: Kind::Whole { min: 1, max: 86_400 },
        default: "120",
        example: "600",
        flag: "",
        about: "How long a model at home may say nothing before its process is replaced.",
    },
    Setting {
        key: "home.load_seconds",
        kind: Kind::Whole { min: 1, max: 86_400 },
        default: "600",
        example: "60",
        flag: "",
        about: "How long a model at home may take to load.",
    },
    Setting {
        key: "models.hugging_face",
        kind: Kind::Text,
        default: "",
        example: "\"https://mirror.example\"",
        flag: "",
        about: "Where Hugging Face is; by default what `HF_ENDPOINT` says, else https://huggingface.co.",
    },
    Setting {
        key: "models.ollama",
        kind: Kind::Text,
        default: "\"https://registry.ollama.ai\"",
        example: "\"https://registry.example\"",
        flag: "",
        about: "Where the Ollama registry is.",
    },
    Setting {
        key: "models.token",
        kind: Kind::Secret,
        default: "",
        example: "\"a Hugging Face token\"",
        flag: "",
        about: "The token for gated models; by default what `HF_TOKEN` says, else what `hf auth login` keeps.",
    },
    Setting {
        key: "models.connections",
        kind: Kind::Whole { min: 1, max: 32 },
        default: "4",
        example: "1",
        flag: "",
        about: "Connections for one file that is being fetched.",
    },
    Setting {
        key: "privacy.unlabelled",
        kind: Kind::Choice(LEVELS),
        default: "\"internal\"",
        example: "\"confidential\"",
        flag: "",
        about: "The label of text that nobody has labelled; what is found in it can only raise it.",
    },
    Setting {
        key: "policy.file",
        kind: Kind::Path,
        default: "",
        example: "\"/etc/oratory/policy.cedar\"",
        flag: "policy",
        about: "The Cedar policy that says what may go where; without it the built-in one holds.",
    },
    Setting {
        key: "store.file",
        kind: Kind::Path,
        default: "",
        example: "\"/var/lib/oratory/oratory.db\"",
        flag: "",
        about: "The database of records; by default `oratory.db` in Oratory's data folder.",
    },
    Setting {
        key: "cache.megabytes",
        kind: Kind::Whole { min: 0, max: 65_536 },
        default: "16",
        example: "256",
        flag: "",
        about: "Memory for answers at temperature 0 that may be given again; 0 keeps none.",
    },
    Setting {
        key: "log.level",
        kind: Kind::Choice(LOGS),
        default: "\"warn\"",
        example: "\"info\"",
        flag: "log",
        about: "How much is told on standard error; request text never is.",
    },
    Setting {
        key: "places.*.url",
        kind: Kind::Text,
        default: "",
        example: "\"http://127.0.0.1:8000/v1\"",
        flag: "",
        about: "Where an OpenAI-compatible place is: its address up to `/chat/completions`.",
    },
    Setting {
        key: "places.*.tier",
        kind: Kind::Choice(TIERS),
        default: "\"cloud\"",
        example: "\"onprem\"",
        flag: "",
        about: "How far from home the place is: `onprem` is our network, `cloud` someone else's.",
    },
    Setting {
        key: "places.*.key",
        kind: Kind::Secret,
        default: "",
        example: "\"the provider's key\"",
        flag: "",
        about: "The key the place wants; better kept in the environment, see `key_from`.",
    },
    Setting {
        key: "places.*.key_from",
        kind: Kind::Text,
        default: "",
        example: "\"OPENAI_API_KEY\"",
        flag: "",
        about: "The environment variable that holds the key.",
    },
    Setting {
        key: "places.*.clearance",
        kind: Kind::Choice(LEVELS),
        default: "\"public\"",
        example: "\"internal\"",
        flag: "",
        about: "The highest label the place may receive as it is; text that nobody labelled is `internal`.",
    },
    Setting {
        key: "places.*.masked_clearance",
        kind: Kind::Choice(LEVELS),
        default: "",
        example: "\"confidential\"",
        flag: "",
        about: "The highest label of private spans that may leave masked; the rest of the text must be within `clearance`. By default nothing is let out by masking.",
    },
    Setting {
        key: "places.*.models",
        kind: Kind::Names,
        default: "[]",
        example: "[\"qwen3-32b\"]",
        flag: "",
        about: "The models the place serves; if none are named, the place is asked.",
    },
    Setting {
        key: "places.*.concurrency",
        kind: Kind::Whole { min: 1, max: 65_536 },
        default: "256",
        example: "8",
        flag: "",
        about: "Requests under way at the place at once; more are told when to come back.",
    },
    Setting {
        key: "places.*.connect_seconds",
        kind: Kind::Whole { min: 1, max: 600 },
        default: "5",
        example: "2",
        flag: "",
        about: "How long a connection to the place may take.",
    },
    Setting {
        key: "places.*.silence_seconds",
        kind: Kind::Whole { min: 1, max: 86_400 },
        default: "120",
        example: "600",
        flag: "",
        about: "How long the place may say nothing in mid-stream, or before it.",
    },
];
