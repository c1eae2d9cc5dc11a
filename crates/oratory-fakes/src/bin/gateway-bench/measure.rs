//! The measurements: each goes back and forth between the ways, so that drift cancels out.
//!
//! Bounded in time; a gateway that hangs is trouble, not a long wait.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Trouble;
use crate::caller::{Caller, Request, request};
use crate::figures::{Times, median};
use crate::gateway::Ways;

/// How many callers ask at once in the two measurements of throughput.
pub(crate) const CROWDS: [usize; 2] = [32, 64];

/// Requests in a row on one way before it is the next one's turn.
const BATCH: usize = 100;

/// Everything measured, each with one entry per way.
pub(crate) struct Measured {
    /// Whole answers, one caller.
    pub(crate) latency: Vec<Times>,
    /// First tokens of streams, one caller.
    pub(crate) first_token: Vec<Times>,
    /// Requests per second, for each of `CROWDS`.
    pub(crate) throughput: [Vec<f64>; CROWDS.len()],
    /// Requests sent on each way, warming up included.
    pub(crate) sent: Vec<u64>,
}

/// Measures everything, each for about `time`.
pub(crate) async fn all(ways: &Ways, time: Duration) -> Result<Measured, Trouble> {
    let mut sent = vec![0; ways.0.len()];
    let (whole, streamed) = (request(false), request(true));
    let latency = within(time, one_by_one(ways, time, &whole, Answer::Whole, &mut sent)).await?;
    let first_token =
        within(time, one_by_one(ways, time, &streamed, Answer::Streamed, &mut sent)).await?;
    let mut throughput = [const { Vec::new() }; CROWDS.len()];
    for (at, crowd) in CROWDS.into_iter().enumerate() {
        throughput[at] = within(time, crowded(ways, time, &whole, crowd, &mut sent)).await?;
    }
    Ok(Measured { latency, first_token, throughput, sent })
}

#[derive(Clone, Copy)]
enum Answer {
    Whole,
    Streamed,
}

async fn within<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let late = time * 4 + Duration::from_secs(20);
    tokio::time::timeout(late, work).await.map_err(|_| "an answer never came to its end")?
}

/// Asks one request after another and times each, a batch per way in turn.
async fn one_by_one(
    ways: &Ways,
    time: Duration,
    request: &Request,
    answer: Answer,
    sent: &mut [u64],
) -> Result<Vec<Times>, Trouble> {
    let mut callers = Vec::new();
    for (_, address) in &ways.0 {
        callers.push(Caller::connect(*address).await?);
    }
    let mut times: Vec<Times> = ways.0.iter().map(|_| Times::default()).collect();
    let end = Instant::now() + time;
    let (mut request, mut number) = (request.clone(), 0);
    // The first round finds cold caches and connections not made yet; it does not count.
    let mut warm = false;
    while !warm || Instant::now() < end {
        for (at, caller) in callers.iter_mut().enumerate() {
            for _ in 0..BATCH {
                number += 1;
                let request = request.number(number);
                let took = match answer {
                    Answer::Whole => caller.whole(request).await?,
                    Answer::Streamed => caller.streamed(request).await?,
                };
                if warm {
                    times[at].add(took);
                }
            }
            sent[at] += BATCH as u64;
        }
        warm = true;
    }
    Ok(times)
}

/// Lets many ask at once, a round per way in turn, and returns each way's median rate.
async fn crowded(
    ways: &Ways,
    time: Duration,
    request: &Request,
    callers: usize,
    sent: &mut [u64],
) -> Result<Vec<f64>, Trouble> {
    const ROUNDS: u32 = 5;
    let round = time / (ROUNDS * u32::try_from(ways.0.len())?);
    let mut crowds = Vec::new();
    for (_, address) in &ways.0 {
        crowds.push(gather(*address, callers).await?);
    }
    let mut rates = vec![Vec::new(); ways.0.len()];
    for _ in 0..ROUNDS {
        for (at, crowd) in crowds.iter_mut().enumerate() {
            let began = Instant::now();
            let answered = ask_at_once(crowd, request, began + round).await?;
            rates[at].push(answered as f64 / began.elapsed().as_secs_f64());
            sent[at] += answered;
        }
    }
    Ok(rates.iter().map(|rounds| median(rounds)).collect())
}

/// Sends so many requests through one way, whole and streamed in turn, and tells of every tenth part.
pub(crate) async fn march(
    address: SocketAddr,
    requests: u64,
    mut tell: impl FnMut(u64),
) -> Result<(), Trouble> {
    const PARTS: u64 = 10;
    let crowd = gather(address, CROWDS[0]).await?;
    let count = crowd.len() as u64;
    let (whole, streamed) = (request(false), request(true));
    let mut asking = JoinSet::new();
    let done = std::rc::Rc::new(std::cell::Cell::new(0));
    let local = tokio::task::LocalSet::new();
    for (at, mut caller) in (0..).zip(crowd) {
        let (mut whole, mut streamed, done) = (whole.clone(), streamed.clone(), done.clone());
        let share = requests / count + u64::from(at < requests % count);
        asking.spawn_local_on(
            async move {
                for number in 0..share {
                    let own = at * 10_000_000 + number;
                    match number % 4 {
                        0 => drop(caller.streamed(streamed.number(own)).await?),
                        _ => drop(caller.whole(whole.number(own)).await?),
                    }
                    done.set(done.get() + 1);
                }
                Ok::<_, Trouble>(())
            },
            &local,
        );
    }
    let watch = async {
        let mut told = 0;
        while told < PARTS {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = done.get() * PARTS / requests;
            if now > told {
                told = now;
                tell(done.get());
            }
        }
    };
    let all = async {
        while let Some(asked) = asking.join_next().await {
            asked??;
        }
        Ok(())
    };
    local.run_until(async { tokio::join!(all, watch).0 }).await
}

async fn gather(address: SocketAddr, callers: usize) -> Result<Vec<Caller>, Trouble> {
    let mut crowd = Vec::new();
    for _ in 0..callers {
        crowd.push(Caller::connect(address).await?);
    }
    Ok(crowd)
}

/// Lets everyone ask until `end` and returns how many answers came.
async fn ask_at_once(
    crowd: &mut Vec<Caller>,
    request: &Request,
    end: Instant,
) -> Result<u64, Trouble> {
    let mut asking = JoinSet::new();
    for (at, mut caller) in (0..).zip(crowd.drain(..)) {
        let mut request = request.clone();
        asking.spawn(async move {
            let mut answered = 0;
            while Instant::now() < end {
                caller.whole(request.number(at * 1_000_000 + answered)).await?;
                answered += 1;
            }
            Ok::<_, Trouble>((caller, answered))
        });
    }
    let mut all = 0;
    while let Some(asked) = asking.join_next().await {
        let (caller, answered) = asked??;
        crowd.push(caller);
        all += answered;
    }
    Ok(all)
}
