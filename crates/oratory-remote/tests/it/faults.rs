//! Everything that goes wrong at a place, in every dialect: what a caller is told, and what follows.
//!
//! One table. Each row is run against a provider that misbehaves so, and the table is committed as
//! `docs/faults.md`.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use oratory_contract::{Delivery, Failure, FailureKind, Retry};
use oratory_privacy::RemotePlace;
use oratory_remote::{Access, Config, Dialect};

use crate::place::{asked, config, hear, open, sealed};

mod misbehaving;

use misbehaving::{Fault, misbehaving};

/// Longer than anything takes that is not meant to be late.
const SOON: Duration = Duration::from_millis(700);

/// What is told of a fault.
#[derive(Clone, Copy)]
struct Told(FailureKind, Retry);

struct Row {
    fault: Fault,
    deliveries: &'static [Delivery],
    told: Told,
    /// Dialects in which it is told otherwise.
    except: &'static [(Dialect, Told)],
}

const BOTH: &[Delivery] = &[Delivery::Whole, Delivery::Stream];
const WHOLE: &[Delivery] = &[Delivery::Whole];
const STREAM: &[Delivery] = &[Delivery::Stream];

const LATER: Retry = Retry::After(Duration::from_secs(5));
const UNREACHABLE: Told = Told(FailureKind::Unreachable, LATER);
const CUT: Told = Told(FailureKind::Unreachable, Retry::Now);
const LATE: Told = Told(FailureKind::Timeout, Retry::Never);
const SLOW: Told = Told(FailureKind::Timeout, Retry::Now);
const NONSENSE: Told = Told(FailureKind::Upstream, Retry::Never);
const FAULTY: Told = Told(FailureKind::Upstream, Retry::Now);
const BUSY: Told = Told(FailureKind::Overloaded, LATER);
const FULL: Told = Told(FailureKind::Overloaded, Retry::Now);
const UNPAID: Told = Told(FailureKind::Unpaid, Retry::Never);

const fn row(fault: Fault, deliveries: &'static [Delivery], told: Told) -> Row {
    Row { fault, deliveries, told, except: &[] }
}

const fn status(code: u16, told: Told) -> Row {
    row(Fault::Status(code), BOTH, told)
}

const TABLE: &[Row] = &[
    row(Fault::Refused, BOTH, UNREACHABLE),
    row(Fault::NoTls, BOTH, UNREACHABLE),
    row(Fault::SlowFirstByte, STREAM, SLOW),
    row(Fault::SlowFirstByte, WHOLE, LATE),
    row(Fault::SilentInMidStream, STREAM, SLOW),
    row(Fault::CutInMidStream, BOTH, CUT),
    row(Fault::NeverEnding, BOTH, LATE),
    row(Fault::OnlyPings, STREAM, LATE),
    row(Fault::LongerThanItSays, STREAM, CUT),
    row(Fault::LongerThanItSays, WHOLE, NONSENSE),
    row(Fault::ShorterThanItSays, WHOLE, CUT),
    row(Fault::NoJson, BOTH, NONSENSE),
    Row {
        fault: Fault::NoFrames,
        deliveries: STREAM,
        told: CUT,
        except: &[(Dialect::Ollama, NONSENSE)],
    },
    Row {
        fault: Fault::ErrorInMidStream,
        deliveries: STREAM,
        told: BUSY,
        except: &[(Dialect::Ollama, FAULTY)],
    },
    status(400, Told(FailureKind::Invalid, Retry::Never)),
    row(Fault::TooLong, BOTH, Told(FailureKind::TooLong, Retry::Never)),
    status(401, NONSENSE),
    status(402, UNPAID),
    status(403, NONSENSE),
    status(404, Told(FailureKind::UnknownModel, Retry::Never)),
    status(408, SLOW),
    status(409, FAULTY),
    status(413, Told(FailureKind::TooLong, Retry::Never)),
    status(422, Told(FailureKind::Invalid, Retry::Never)),
    status(429, BUSY),
    row(
        Fault::RateLimit,
        BOTH,
        Told(FailureKind::Overloaded, Retry::After(Duration::from_secs(7))),
    ),
    row(Fault::OutOfCredit, BOTH, UNPAID),
    row(Fault::CreditTooLow, BOTH, UNPAID),
    status(500, FAULTY),
    status(502, FAULTY),
    status(503, FULL),
    row(
        Fault::Maintenance,
        BOTH,
        Told(FailureKind::Overloaded, Retry::After(Duration::from_secs(3))),
    ),
    status(529, FULL),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_told_as_the_table_says_in_every_dialect() {
    for row in TABLE {
        for delivery in row.deliveries {
            let each = Dialect::ALL.map(|dialect| async move {
                let (failure, words) = suffered(row.fault, dialect, *delivery).await;
                let except = row.except.iter().find(|(other, _)| *other == dialect);
                let Told(kind, retry) = except.map_or(row.told, |(_, told)| *told);
                let what = format!("{}, {} {delivery:?}", row.fault.about(), dialect.as_str());
                assert_eq!((failure.kind, failure.retry), (kind, retry), "{what}: {failure}");
                if let Some(words) = words {
                    assert!(failure.message.contains(words), "{what}: {failure}");
                }
            });
            join_all(each).await;
        }
    }
}

/// Lets a fault happen and returns what is told of it, and the provider's own words, if any.
async fn suffered(
    fault: Fault,
    dialect: Dialect,
    delivery: Delivery,
) -> (Failure, Option<&'static str>) {
    let (provider, url) = misbehaving(fault, dialect, delivery).await;
    let access = Access { dialect, ..Access::default() };
    let slow = matches!(fault, Fault::SlowFirstByte | Fault::SilentInMidStream);
    let patience = if slow { SOON / 4 } else { SOON * 10 };
    let place = open(Config { access, first: patience, silence: patience, ..config(url) });
    let mut asked = asked("hello", delivery);
    let late = matches!(fault, Fault::SlowFirstByte | Fault::NeverEnding | Fault::OnlyPings);
    if late {
        asked.limits.time = SOON;
    }
    let told = match place.run(&"echo".into(), sealed(asked, "lab")).await {
        Ok(answer) => hear(answer).await.end.expect_err(fault.about()),
        Err(failure) => failure,
    };
    drop(provider);
    (told, fault.words())
}

#[test]
fn the_table_is_the_page() {
    let page = page();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    if std::fs::read_to_string(&docs).unwrap_or_default() != page {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults.md");
        std::fs::write(&kept, page).unwrap();
        panic!("docs/faults.md is otherwise now; see {}", kept.display());
    }
}

fn page() -> String {
    let mut page = String::from(
        "# What goes wrong elsewhere\n\n\
         What Oratory makes of the faults of places elsewhere. Each row is tried by a test in every\n\
         dialect, which also holds this page to what it finds. The failure is told with the\n\
         provider's own words and without its key. Another place steps in only inside the permit,\n\
         and only before the first chunk has left; until then Oratory itself asks again what is worth\n\
         it, as [places that fail](reliability.md) tells.\n\n\
         | what happens | answer | told as | worth asking again | another place |\n\
         |---|---|---|---|---|\n",
    );
    for row in TABLE {
        let answer = match row.deliveries {
            [Delivery::Whole] => "whole",
            [Delivery::Stream] => "streamed",
            _ => "either",
        };
        page.push_str(&line(row.fault.about(), answer, row.told));
        for (dialect, told) in row.except {
            let about = format!("the same, from `{}`", dialect.as_str());
            page.push_str(&line(&about, answer, *told));
        }
    }
    page
}

fn line(about: &str, answer: &str, Told(kind, retry): Told) -> String {
    let again = match retry {
        Retry::Never => "no".to_owned(),
        Retry::Now => "at once".to_owned(),
        Retry::After(pause) => format!("after {} s", pause.as_secs()),
    };
    let elsewhere = if kind.may_end_elsewhere() { "yes" } else { "no" };
    format!("| {about} | {answer} | `{}` | {again} | {elsewhere} |\n", kind.as_str())
}
