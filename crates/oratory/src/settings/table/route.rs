//! The settings of routing: `[route]`.
//!
//! What they do is told by `oratory-pipeline`.

use super::{PREFER, Setting, WAYS};
use crate::settings::Kind;

/// The settings of where requests go that name no model.
pub(super) const ROUTE: &[Setting] = &[
    Setting {
        key: "route.prefer",
        kind: Kind::Choice(PREFER),
        default: "\"cheap\"",
        example: "\"best\"",
        flag: "",
        about: "What matters among models that are good enough: money, time or energy; with `best`, only the answer. Requests that name a model are not touched, and nothing ever leaves against the policy.",
    },
    Setting {
        key: "route.cloud_share",
        kind: Kind::Share,
        default: "",
        example: "0.10",
        flag: "",
        about: "The largest share of requests that may leave for a cloud, of those that name no model; those go that gain most by it. With it, or with another `route.prefer` than `cheap`, a request may also leave where models are only guessed by their size; otherwise only where something was learnt with `oratory eval learn`.",
    },
    Setting {
        key: "route.any",
        kind: Kind::Names,
        default: "[]",
        example: "[\"gpt-*\", \"claude-*\"]",
        flag: "",
        about: "Names of models that mean `auto`, for clients that must name one; `*` stands for anything.",
    },
    Setting {
        key: "route.way",
        kind: Kind::Choice(WAYS),
        default: "\"ahead\"",
        example: "\"cascade\"",
        flag: "",
        about: "Whether a model is chosen ahead, or home answers first and somebody else is asked where it is unsure; then an answer begins only once home has ended its own.",
    },
    Setting {
        key: "route.sure",
        kind: Kind::Share,
        default: "0.7",
        example: "0.9",
        flag: "",
        about: "How sure home must be of its answer in a cascade, from 0 to 1, so that nobody else is asked.",
    },
    Setting {
        key: "route.hedge_milliseconds",
        kind: Kind::Whole { min: 0, max: 600_000 },
        default: "0",
        example: "1500",
        flag: "",
        about: "How long the first model elsewhere may take to begin before another, as near and allowed, is asked as well; whichever begins first answers, and the other is stopped. What the other took until then is paid for. 0 never asks two.",
    },
];
