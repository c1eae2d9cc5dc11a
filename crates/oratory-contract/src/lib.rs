//! The words every room shares: what is asked, labelled, permitted, answered and recorded.
//!
//! Data and traits only. Nothing here does I/O, reads a clock or knows a dialect, so any room
//! may depend on it and it depends on none.

mod answer;
mod asked;
mod budget;
mod cache;
pub mod calendar;
mod caller;
mod departure;
mod extras;
mod failure;
mod habits;
mod label;
mod media;
mod message;
mod money;
mod names;
mod permit;
mod place;
mod prepared;
mod price;
mod record;
mod sampling;
mod shortening;
mod task;
mod vault;

pub use answer::{
    Answer, Begun, CallHead, CallPart, Chance, Chunk, Chunks, Done, Finish, Rated, Usage,
};
pub use asked::{Asked, AtHome, Delivery, Effort, Limits, Wanted};
pub use budget::{Amounts, Budget, Budgets, Period, Reservation, Reserving, Spending, Spent, Unit};
pub use cache::{AnswerCache, CacheKey, Kept};
pub use caller::{Caller, Callers, KEY_BEGINS, Rights, fits};
pub use departure::{Cargo, Departure, Departures};
pub use extras::{Extras, Missed, Strictness, Words};
pub use failure::{At, BoxError, Failure, FailureKind, Retry};
pub use habits::Habits;
pub use label::{Compartment, Labels, Sensitivity};
pub use media::{File, Medium, Sense};
pub use message::{Call, Form, Message, Role, Several, Tool, ToolChoice, Tools};
pub use money::Money;
pub use names::{CallerName, GroupName, Meant, ModelName, Near, PlaceName, RequestId};
pub use permit::{Denial, Grant, Permit, Receives};
pub use place::{
    Clearance, LocalPlace, ModelCard, ModelOrigin, PlaceCard, Readiness, Terms, Tier, Trouble,
    scaled,
};
pub use prepared::Prepared;
pub use price::{Long, Price, Prices, Tokens};
pub use record::{Outcome, Record, RecordSlot, Records, Written};
pub use sampling::{Dry, Mirostat, Sampling, Xtc};
pub use shortening::{Given, LeftOut, Length, OldResults, Saved, Shortening};
pub use task::{Ability, Embed, Input, Rank, Task, TooLong};
pub use vault::{Drawer, Surrogate, Vault, Whose};
