//! The one table of settings. Add a row here and everything else follows.
//!
//! What a setting does is told by the room it belongs to.

use super::Kind;

mod places;
mod route;

/// One setting.
#[derive(Clone, Copy)]
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
const DIALECTS: &[&str] =
    &["openai", "azure", "responses", "anthropic", "gemini", "ollama", "bedrock"];
const DECIDED: &[&str] = &["auto", "on", "off"];
const CELLS: &[&str] = &["16-bit", "8-bit"];
const SWITCH: &[&str] = &["off", "on"];
const TUNE: &[&str] = &["when-quiet", "never"];
const GUESS: &[&str] = &["where-it-pays", "always", "never"];
const KEYLESS: &[&str] = &["until-keys", "always"];
const PREFER: &[&str] = &["cheap", "fast", "best", "green"];
const WAYS: &[&str] = &["ahead", "cascade"];
const UNKNOWN: &[&str] = &["allow", "refuse"];
const LOGS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

/// Every setting, in the order people read them.
pub(crate) const SETTINGS: &[Setting] =
    &joined::<{ OWN.len() + places::PLACES.len() }>(OWN, places::PLACES);

/// The settings that belong to no place.
const OWN: &[Setting] = &joined::<{ HOUSE.len() + route::ROUTE.len() }>(HOUSE, route::ROUTE);

const fn joined<const N: usize>(one: &[Setting], other: &[Setting]) -> [Setting; N] {
    let mut all = [one[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < one.len() { one[at] } else { other[at - one.len()] };
        at += 1;
    }
    all
}

/// The settings of the house itself.
const HOUSE: &[Setting] = &[
    Setting {
        key: "offline",
        kind: Kind::Switch,
        default: "\"off\"",
        example: "\"on\"",
        flag: "offline",
        about: "Whether nothing beyond this machine is contacted: no place elsewhere, no download. What runs here goes on working.",
    },
    Setting {
        key: "server.listen",
        kind: Kind::Address,
        default: "\"127.0.0.1:11435\"",
        example: "\"127.0.0.1:8080\"",
        flag: "listen",
        about: "The address to serve on; any address but this machine's own needs `server.key`, or a key by `oratory keys add`.",
    },
    Setting {
        key: "server.key",
        kind: Kind::Secret,
        default: "",
        example: "\"a long random text\"",
        flag: "",
        about: "A key for clients that knows no limits. With it everyone must send a key; without it and without keys by `oratory keys add`, only this machine is served.",
    },
    Setting {
        key: "server.keyless",
        kind: Kind::Choice(KEYLESS),
        default: "\"until-keys\"",
        example: "\"always\"",
        flag: "",
        about: "How long programs on this machine may ask without a key, where there is no `server.key`: until `oratory keys add` makes the first one, as a budget that can be left by leaving out the key would be none, or always.",
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
        key: "server.socket",
        kind: Kind::Path,
        default: "",
        example: "\"/run/user/1000/oratory.sock\"",
        flag: "",
        about: "A Unix socket to serve on, too, for programs of the same person.",
    },
    Setting {
        key: "server.origins",
        kind: Kind::Names,
        default: "[]",
        example: "[\"https://app.example\"]",
        flag: "",
        about: "Web pages from elsewhere that may ask and read answers, by origin; `*` means all, which needs `server.key` or a key by `oratory keys add`.",
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
        key: "near.find",
        kind: Kind::Switch,
        default: "\"on\"",
        example: "\"off\"",
        flag: "",
        about: "Whether servers of models on this machine, such as Ollama, LM Studio or llama-server, are found and become places by themselves. Only 127.0.0.1 and ::1 are asked, for lists of models; a place that is written down under `[places.NAME]` stays as it is written.",
    },
    Setting {
        key: "near.ports",
        kind: Kind::Names,
        default: "[]",
        example: "[\"11434\", \"8080\"]",
        flag: "",
        about: "The ports at which they are looked for; by default those where such servers usually listen.",
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
        key: "models.over_http",
        kind: Kind::Choice(SWITCH),
        default: "\"off\"",
        example: "\"on\"",
        flag: "",
        about: "Whether clients may fetch, make and remove models over HTTP, as Ollama's do.",
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
        key: "models.licences_forbidden",
        kind: Kind::Names,
        default: "[]",
        example: "[\"llama\", \"gemma\"]",
        flag: "",
        about: "Licences of models that may not be used here, by how their names begin: such a model is neither fetched nor asked, at home or elsewhere, as far as its licence is known by its page or its name.",
    },
    Setting {
        key: "models.unknown_licence",
        kind: Kind::Choice(UNKNOWN),
        default: "\"allow\"",
        example: "\"refuse\"",
        flag: "",
        about: "Whether a model may be fetched, and asked at home, though nobody knows its licence.",
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
        key: "privacy.kept_days",
        kind: Kind::Whole { min: 1, max: 3650 },
        default: "30",
        example: "7",
        flag: "",
        about: "How long the surrogates of a conversation are kept, sealed, after it was last used; until then the same thing has the same surrogate.",
    },
    Setting {
        key: "privacy.terms.*.terms",
        kind: Kind::Names,
        default: "[]",
        example: "[\"Blue Heron\", \"Project Otter\"]",
        flag: "",
        about: "Words and phrases that are private here, found as whole words in any letter case and in disguise; NAME is what surrogates are called.",
    },
    Setting {
        key: "privacy.terms.*.file",
        kind: Kind::Path,
        default: "",
        example: "\"/etc/oratory/customers.txt\"",
        flag: "",
        about: "A file with more of them, one a line.",
    },
    Setting {
        key: "privacy.terms.*.patterns",
        kind: Kind::Names,
        default: "[]",
        example: "[\"ACME-[0-9]{4}\"]",
        flag: "",
        about: "Regular expressions for what is private here, in the syntax of Rust's regex; no backtracking, so none takes long.",
    },
    Setting {
        key: "privacy.terms.*.label",
        kind: Kind::Choice(LEVELS),
        default: "\"confidential\"",
        example: "\"secret\"",
        flag: "",
        about: "What text with such a thing in it is labelled.",
    },
    Setting {
        key: "privacy.terms.*.compartments",
        kind: Kind::Names,
        default: "[]",
        example: "[\"acme-legal\"]",
        flag: "",
        about: "The compartments it belongs to, as policies know them.",
    },
    Setting {
        key: "policy.file",
        kind: Kind::Path,
        default: "",
        example: "\"/etc/oratory/policy.cedar\"",
        flag: "policy",
        about: "The Cedar policy that says what may go where; without it the built-in one holds. A service reads it again within a second of a change.",
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
];
