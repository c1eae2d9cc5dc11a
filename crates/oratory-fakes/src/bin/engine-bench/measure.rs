//! What is measured: in pairs, first one server and then the other, and the next pair reversed.
//!
//! A pair shares what else happens on the machine, so its ratio says more than two medians.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::report::{Better, Report, Row};
use crate::server::Server;
use crate::talk::{ask, words};
use crate::{Kind, Things, Trouble, Wishes, alone, form, guess};

/// Tokens written to measure how fast.
const WRITTEN: u32 = 33;
/// Clients at once.
const CROWD: u32 = 8;

/// One kind of measurement.
#[derive(Clone, Copy)]
enum What {
    Prefill(u32),
    Decode(u32),
    Crowd,
    Beside(u32),
    Cold(u32),
    Warm(u32),
    Restarted(u32),
}

const DENSE: [(&str, What); 9] = [
    ("prefill 512", What::Prefill(512)),
    ("decode after 0", What::Decode(1)),
    ("decode after 512", What::Decode(512)),
    ("decode after 2048", What::Decode(2048)),
    ("8 clients in all", What::Crowd),
    ("first token beside a 4000-token prompt", What::Beside(4000)),
    ("first token, 2000 tokens unknown", What::Cold(2000)),
    ("first token, 2000 tokens known", What::Warm(2000)),
    ("first token, known before a restart", What::Restarted(2000)),
];
const EXPERTS: [(&str, What); 2] =
    [("experts: prefill 512", What::Prefill(512)), ("experts: decode after 0", What::Decode(1))];

pub(crate) async fn all(things: &Things, wishes: &Wishes) -> Result<Report, Trouble> {
    let mut report = Report::new(wishes.threads, wishes.trials);
    guess::all(things, wishes, &mut report).await?;
    form::all(things, wishes, &mut report).await?;
    alone::all(things, wishes, &mut report).await?;
    for (model, measurements) in [(&things.dense, &DENSE[..]), (&things.experts, &EXPERTS[..])] {
        let wanted = |(name, _): &&(&str, What)| name.contains(&wishes.only);
        let wanted: Vec<_> = measurements.iter().filter(wanted).collect();
        if wanted.is_empty() {
            continue;
        }
        let mut pair = Pair::start(things, model, wishes.threads).await?;
        for (name, what) in wanted {
            report.rows.push(pair.row(name, *what, wishes.trials).await?);
        }
    }
    if report.rows.is_empty() {
        return Err(format!("nothing is measured that has {:?} in its name", wishes.only).into());
    }
    Ok(report)
}

/// Both servers with the same model.
struct Pair<'a> {
    things: &'a Things,
    model: &'a Path,
    threads: usize,
    ours: Option<Server>,
    peer: Option<Server>,
    /// Numbers prompts, so that no two are alike.
    prompts: u32,
}

impl<'a> Pair<'a> {
    async fn start(things: &'a Things, model: &'a Path, threads: usize) -> Result<Self, Trouble> {
        let ours = Some(Server::start(Kind::Oratory, things, model, threads).await?);
        let peer = Some(Server::start(Kind::Peer, things, model, threads).await?);
        let mut pair = Self { things, model, threads, ours, peer, prompts: 0 };
        pair.wake().await?;
        Ok(pair)
    }

    /// Lets both load what they load with the first request.
    async fn wake(&mut self) -> Result<(), Trouble> {
        for kind in [Kind::Oratory, Kind::Peer] {
            let prompt = words(self.next(), 4);
            ask(self.server(kind), &prompt, 2).await?;
        }
        Ok(())
    }

    fn next(&mut self) -> u32 {
        self.prompts += 1;
        self.prompts
    }

    fn server(&self, kind: Kind) -> &Server {
        match kind {
            Kind::Oratory => self.ours.as_ref(),
            Kind::Peer | Kind::Plain => self.peer.as_ref(),
        }
        .expect("a server is gone only while it is restarted")
    }

    async fn row(&mut self, name: &'static str, what: What, trials: usize) -> Result<Row, Trouble> {
        let mut row = Row::new(name, what.better());
        for trial in 0..trials {
            let prompt = self.next();
            let order = if trial % 2 == 0 {
                [Kind::Oratory, Kind::Peer]
            } else {
                [Kind::Peer, Kind::Oratory]
            };
            for kind in order {
                eprintln!("{name}: {kind:?}, {} of {trials}", trial + 1);
                let figure = self.figure(kind, what, prompt).await?;
                row.add(kind, figure);
            }
        }
        Ok(row)
    }

    async fn figure(&mut self, kind: Kind, what: What, prompt: u32) -> Result<f64, Trouble> {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let server = self.server(kind);
        match what {
            What::Prefill(tokens) => {
                let heard = ask(server, &words(prompt, tokens), 1).await?;
                Ok(f64::from(tokens) / heard.first.as_secs_f64())
            }
            What::Decode(depth) => Ok(ask(server, &words(prompt, depth), WRITTEN).await?.pace()),
            What::Crowd => crowd(server, prompt).await,
            What::Beside(tokens) => beside(server, prompt, tokens).await.map(milliseconds),
            What::Cold(tokens) => {
                let heard = ask(server, &words(prompt, tokens), 1).await?;
                Ok(milliseconds(heard.first))
            }
            What::Warm(tokens) => {
                let known = words(prompt, tokens);
                ask(server, &known, 2).await?;
                let heard = ask(server, &format!("{known} bababa bebaba"), 1).await?;
                Ok(milliseconds(heard.first))
            }
            What::Restarted(tokens) => {
                let known = words(prompt, tokens);
                ask(server, &known, 2).await?;
                self.restart(kind).await?;
                let heard = ask(self.server(kind), &format!("{known} bababa"), 1).await?;
                Ok(milliseconds(heard.first))
            }
        }
    }

    /// Starts a server anew and lets it load its model.
    async fn restart(&mut self, kind: Kind) -> Result<(), Trouble> {
        let place = match kind {
            Kind::Oratory => &mut self.ours,
            Kind::Peer | Kind::Plain => &mut self.peer,
        };
        let before = place.take().ok_or("there is no server to restart")?;
        let server = before.restarted(self.things, self.model, self.threads).await?;
        *place = Some(server);
        let prompt = words(self.next(), 4);
        ask(self.server(kind), &prompt, 2).await?;
        Ok(())
    }
}

/// Returns tokens a second of all clients together.
async fn crowd(server: &Server, prompt: u32) -> Result<f64, Trouble> {
    let prompts: Vec<String> =
        (0..CROWD).map(|client| words(prompt.wrapping_mul(1000) + client, 16)).collect();
    let began = Instant::now();
    let all = prompts.iter().map(|prompt| ask(server, prompt, WRITTEN));
    let heard = futures_util::future::try_join_all(all).await?;
    let tokens: usize = heard.iter().map(|heard| heard.tokens).sum();
    Ok(tokens as f64 / began.elapsed().as_secs_f64())
}

/// Returns how long a short prompt waits for its first token while a long one is read.
async fn beside(server: &Server, prompt: u32, tokens: u32) -> Result<Duration, Trouble> {
    let long = words(prompt, tokens);
    let short = words(prompt.wrapping_mul(7919), 8);
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        ask(server, &short, 2).await
    };
    let (long, short) = tokio::join!(ask(server, &long, 2), later);
    long?;
    Ok(short?.first)
}

impl What {
    fn better(self) -> Better {
        match self {
            Self::Prefill(_) | Self::Decode(_) | Self::Crowd => Better::Higher,
            _ => Better::Lower,
        }
    }
}
