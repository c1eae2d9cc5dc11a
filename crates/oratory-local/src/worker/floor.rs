//! Where requests are computed, several in every step.
//!
//! A step takes a token or a few for every answer being written, and a piece of the prompts
//! being read. The pieces are sized by the clock: beside other answers a long prompt never
//! holds a step up for longer than a blink, alone it is read as fast as the machine can.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use oratory_contract::Finish;

use super::attic;
use super::gear::Gear;
use super::guess::{Costs, MOST};
use super::lanes::{Guest, Lanes};
use super::line::Line;
use super::reading::{Arrival, Ready};
use super::run::{Goes, Run, Stuck};
use super::storing::Storing;
use super::wardrobe::Wardrobe;
use crate::llama::{Batch, DecodeError, Model, Rate, Token, Watch};
use crate::protocol::{Guessing, Order, Report, Trouble, TroubleKind};

/// How long a step may take while others wait for their next token.
const BLINK: Duration = Duration::from_millis(120);
/// How long the floor is idle before what lies around is put away.
const QUIET: Duration = Duration::from_secs(5);
/// Beside this many answers, checking guesses costs the others more than it gains.
const GUESS_BESIDE: usize = 1;

/// All requests that are being computed.
pub(super) struct Floor<'a> {
    pub(super) model: &'a Model,
    pub(super) lanes: Lanes<'a>,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    pub(super) guessing: Guessing,
    pub(super) batch_size: usize,
    pub(super) storing: Option<Storing>,
    pub(super) waiting: VecDeque<Box<Ready>>,
    pub(super) runs: Vec<Run>,
    pub(super) pace: Pace,
    pub(super) gear: Gear,
    pub(super) batch: Batch,
    pub(super) wardrobe: Wardrobe<'a>,
}

/// What the machine has shown of its speed.
#[derive(Default)]
pub(super) struct Pace {
    /// Microseconds to read one token of a prompt; 0 is unknown.
    reading: f32,
    costs: Costs,
    hope: Option<f32>,
}

/// What one request has in a batch.
struct Share {
    run: usize,
    /// Its first row and how many.
    row: usize,
    count: usize,
    /// Tokens proposed behind those that are certain.
    proposal: Vec<Token>,
}

/// Whether there will be more.
#[derive(PartialEq, Eq)]
enum More {
    Yes,
    No,
}

impl Floor<'_> {
    /// Computes until there is nothing more to come.
    pub(super) fn run(mut self, arrivals: &Receiver<Arrival>) {
        loop {
            if self.take_in(arrivals) == More::No {
                return;
            }
            self.end_cancelled();
            self.seat_waiting();
            let dressed = self.dress();
            self.step(dressed);
            self.sum_up();
        }
    }

    /// Takes in what has arrived; waits if there is nothing to compute.
    fn take_in(&mut self, arrivals: &Receiver<Arrival>) -> More {
        loop {
            let may_begin = !self.waiting.is_empty() && self.lanes.has_room();
            let idle = !may_begin && self.runs.iter().all(|run| run.paused);
            let next = if idle { self.wait(arrivals) } else { arrivals.try_recv() };
            match next {
                Ok(Arrival::Ready(ready)) => self.waiting.push_back(ready),
                Ok(Arrival::Order(Order::Rest)) => {
                    if let Some(storing) = self.storing.take() {
                        self.lanes.hand_over(attic::LEAST, |kept| storing.store(kept));
                        storing.finish();
                    }
                    return More::No;
                }
                Ok(Arrival::Order(_)) => {}
                Err(TryRecvError::Empty) => return More::Yes,
                Err(TryRecvError::Disconnected) => return More::No,
            }
        }
    }

    /// Waits for an arrival; after a while of quiet puts states away. Someone who paused may be
    /// cancelled, so it looks up now and then.
    fn wait(&mut self, arrivals: &Receiver<Arrival>) -> Result<Arrival, TryRecvError> {
        self.watch.computing([]);
        let patience = if self.runs.is_empty() { QUIET } else { Duration::from_millis(50) };
        match arrivals.recv_timeout(patience) {
            Ok(arrival) => Ok(arrival),
            Err(RecvTimeoutError::Disconnected) => Err(TryRecvError::Disconnected),
            Err(RecvTimeoutError::Timeout) if self.runs.is_empty() => {
                self.put_away();
                arrivals.recv().map_err(|_| TryRecvError::Disconnected)
            }
            Err(RecvTimeoutError::Timeout) => Err(TryRecvError::Empty),
        }
    }

    fn put_away(&mut self) {
        if let Some(storing) = &self.storing {
            self.lanes.hand_over(attic::LEAST, |kept| storing.offer(kept));
        }
    }

    fn end_cancelled(&mut self) {
        let watch = self.watch;
        for run in &mut self.runs {
            run.paused = watch.is_paused(run.job.number);
        }
        for at in (0..self.runs.len()).rev() {
            if watch.is_cancelled(self.runs[at].job.number) {
                self.stopped(at);
            }
        }
        let line = self.line;
        self.waiting.retain(|ready| {
            let number = ready.job.number;
            let cancelled = watch.is_cancelled(number);
            if cancelled {
                watch.ended(number);
                line.send(&Report::Stopped { number, usage: oratory_contract::Usage::default() });
            }
            !cancelled
        });
    }

    /// Gives lanes to those who wait, in the order they came.
    fn seat_waiting(&mut self) {
        while self.lanes.has_room()
            && let Some(ready) = self.waiting.pop_front()
        {
            let worn = match self.fetch(&ready) {
                Ok(worn) => worn,
                Err(trouble) => {
                    self.refuse(ready.job.number, trouble);
                    continue;
                }
            };
            let keep = ready.job.keep;
            let (known, last) = (&ready.prompt, ready.prompt.len() - 1);
            // The last token is computed again: what comes after it is what is asked.
            let guest = Guest { prompt: &known[..last], partition: ready.job.partition, keep };
            if let Some(storing) = &mut self.storing {
                storing.fetch_better(&mut self.lanes, guest);
            }
            let Some(seat) = self.lanes.seat(guest) else {
                self.waiting.push_front(ready);
                return;
            };
            let hope = self.pace.hope.unwrap_or(0.7);
            let mut run = Run::new(self.model, *ready, seat, hope, worn);
            if !self.lanes.can_be_cut() {
                run.seams = seams(self.model, &run);
            }
            let at = self.runs.partition_point(|other| other.lane < run.lane);
            self.runs.insert(at, run);
        }
    }

    fn refuse(&self, number: u64, trouble: Trouble) {
        self.watch.ended(number);
        self.line.send(&Report::Failed { number: Some(number), trouble });
    }

    /// Computes one batch for everyone. The first after a change is laid out anew, which says
    /// nothing of the machine's pace.
    fn step(&mut self, dressed: bool) {
        let shares = self.compose();
        if shares.is_empty() {
            return;
        }
        self.watch.computing(shares.iter().map(|share| self.runs[share.run].job.number));
        let began = Instant::now();
        let outcome = self.lanes.decode(&mut self.batch);
        let took = began.elapsed();
        match outcome {
            Ok(()) => {
                if !dressed {
                    self.note_pace(&shares, took);
                }
                self.hand_out(shares);
            }
            Err(error) => {
                let hit: Vec<usize> = shares.iter().map(|share| share.run).collect();
                self.failed(&hit, &error);
            }
        }
    }

    /// Puts the next batch together: first who writes, then as much of the prompts as fits.
    fn compose(&mut self) -> Vec<Share> {
        self.batch.clear();
        let worn = self.wardrobe.now();
        let writing = self.runs.iter().filter(|run| !run.reads() && run.goes(worn)).count();
        let mut reading = self.reading_shares(writing);
        let alone = writing <= GUESS_BESIDE && reading.iter().all(|share| *share == 0);
        let size = self.lanes.size();
        let may_guess = self.guessing == Guessing::Adaptive && self.lanes.may_take_back();
        let mut shares = Vec::with_capacity(self.runs.len());
        for (at, run) in self.runs.iter_mut().enumerate().filter(|(_, run)| run.goes(worn)) {
            let row = self.batch.len();
            if run.reads() {
                let count = std::mem::take(&mut reading[at]);
                let last = run.prompt - 1;
                for position in run.fed..run.fed + count {
                    let rate = if position == last { Rate::Yes } else { Rate::No };
                    self.batch.add(run.lane, position, run.tokens[position], rate);
                }
                if count > 0 {
                    shares.push(Share { run: at, row, count, proposal: Vec::new() });
                }
                continue;
            }
            let guesses = alone && may_guess;
            // One token is chosen in any case.
            let room =
                if guesses { run.left(size).saturating_sub(1).min(MOST as usize) } else { 0 };
            let most = if guesses { run.guess.worth(&self.pace.costs).min(room) } else { 0 };
            for (position, token) in (run.fed..).zip(&run.tokens[run.fed..]) {
                self.batch.add(run.lane, position, *token, Rate::Yes);
            }
            let proposal = propose(self.model, run, most, room);
            for (position, token) in (run.tokens.len()..).zip(&proposal) {
                self.batch.add(run.lane, position, *token, Rate::Yes);
            }
            let count = self.batch.len() - row;
            shares.push(Share { run: at, row, count, proposal });
        }
        shares
    }

    /// Returns how many tokens each reading request gets in this step.
    fn reading_shares(&self, writing: usize) -> Vec<usize> {
        let worn = self.wardrobe.now();
        let mut shares = vec![0; self.runs.len()];
        let mut reading: Vec<usize> = (0..self.runs.len())
            .filter(|&at| self.runs[at].reads() && self.runs[at].goes(worn))
            .collect();
        let others = self.runs.iter().filter(|run| !run.paused).count() + self.waiting.len();
        let mut budget = self.batch_size - writing.min(self.batch_size - 1);
        if others > 1 && self.pace.reading > 0.0 {
            let in_a_blink = BLINK.as_micros() as f32 / self.pace.reading;
            budget = budget.min((in_a_blink as usize).max(16));
        }
        // The oldest always gets on; besides, who has least to read is done soonest.
        let number = |at: &usize| self.runs[*at].job.number;
        let oldest = reading.iter().copied().min_by_key(number);
        if let Some(at) = oldest.filter(|_| reading.len() > 1) {
            let share = self.up_to_seam(at, budget / 2);
            shares[at] = share;
            budget -= share;
        }
        reading.sort_by_key(|&at| self.runs[at].unread());
        for at in reading {
            if shares[at] == 0 {
                shares[at] = self.up_to_seam(at, budget);
                budget -= shares[at];
            }
        }
        shares
    }

    /// Returns how much of `budget` a request uses: not past a place where a copy is wanted.
    fn up_to_seam(&self, at: usize, budget: usize) -> usize {
        let run = &self.runs[at];
        let until = run.seams.front().map_or(run.prompt, |seam| *seam);
        until.saturating_sub(run.fed).min(run.unread()).min(budget)
    }

    fn note_pace(&mut self, shares: &[Share], took: Duration) {
        let micros = took.as_micros() as f32;
        let tokens: usize = shares.iter().map(|share| share.count).sum();
        if self.gear.note(tokens, micros) {
            self.lanes.context().use_threads(self.gear.threads());
        }
        let all_read = shares.iter().all(|share| self.runs[share.run].reads());
        if all_read && tokens >= 16 {
            let each = micros / tokens as f32;
            let known = &mut self.pace.reading;
            *known = if *known == 0.0 { each } else { *known + (each - *known) * 0.3 };
        }
        if let [share] = shares
            && !self.runs[share.run].reads()
        {
            self.pace.costs.note(share.count, micros);
        }
    }

    /// Lets every request choose its next tokens from what was computed.
    fn hand_out(&mut self, shares: Vec<Share>) {
        // From the last to the first, so that ending one does not move the others.
        for share in shares.into_iter().rev() {
            let outcome = if self.runs[share.run].reads() {
                self.read_on(&share)
            } else {
                self.write_on(&share)
            };
            match outcome {
                Ok(Goes::On) => self.pass_on(share.run),
                Ok(Goes::Over(finish)) => self.done(share.run, finish),
                Err(stuck) => self.stuck(share.run, &stuck),
            }
        }
    }

    fn read_on(&mut self, share: &Share) -> Result<Goes, Stuck> {
        let run = &mut self.runs[share.run];
        let until = run.fed + share.count;
        self.lanes.grew(run.lane, &run.tokens[run.fed..until]);
        run.fed = until;
        if run.seams.front() == Some(&until) {
            run.seams.pop_front();
            self.lanes.copy_here(run.lane);
        }
        let read = u32::try_from(until).unwrap_or(u32::MAX);
        self.line.send(&Report::Reading { number: run.job.number, tokens: read });
        if run.reads() || run.is_ripe() {
            return Ok(Goes::On);
        }
        self.choose(share.run, share.row + share.count - 1).map(|(_, goes)| goes)
    }

    fn write_on(&mut self, share: &Share) -> Result<Goes, Stuck> {
        let run = &mut self.runs[share.run];
        let lane = run.lane;
        let proposal = &share.proposal;
        let certain = share.count - proposal.len();
        let before = run.tokens.len();
        self.lanes.grew(lane, &run.tokens[run.fed..]);
        run.fed = before;
        let mut right = 0;
        let outcome = loop {
            match self.choose(share.run, share.row + certain - 1 + right) {
                Ok((_, Goes::Over(finish))) => break Ok(Goes::Over(finish)),
                Ok((token, Goes::On)) if proposal.get(right) == Some(&token) => right += 1,
                Ok(_) => break Ok(Goes::On),
                // Not yet: what was on trial must be taken back first.
                Err(stuck) => break Err(stuck),
            }
        };
        if !proposal.is_empty() {
            let run = &mut self.runs[share.run];
            self.lanes.grew(lane, &proposal[..right]);
            run.fed += right;
            run.guess.judged(proposal.len(), right);
            if right < proposal.len() && !self.lanes.take_back(lane) {
                return Err(Stuck::Numbers);
            }
        }
        outcome
    }

    /// Chooses one token by the chances at `row`.
    fn choose(&mut self, at: usize, row: usize) -> Result<(Token, Goes), Stuck> {
        let run = &mut self.runs[at];
        if run.left(self.lanes.size()) == 0 {
            return Ok((0, Goes::Over(Finish::Length)));
        }
        let logits = self.lanes.context().logits(row).map_err(|_| Stuck::Numbers)?;
        let (token, goes) = run.choose(self.model, logits)?;
        let goes = match goes {
            // Known now, so no step is spent on finding out.
            Goes::On if run.left(self.lanes.size()) == 0 => Goes::Over(Finish::Length),
            goes => goes,
        };
        Ok((token, goes))
    }

    fn pass_on(&mut self, at: usize) {
        let run = &mut self.runs[at];
        let said = run.take_said();
        if !said.is_empty() {
            self.line.send(&Report::Said { number: run.job.number, said });
        }
    }

    pub(super) fn done(&mut self, at: usize, finish: Finish) {
        let finish = self.runs[at].finish(finish);
        self.pass_on(at);
        let run = self.leave(at);
        if run.usage.output >= 32 {
            self.pace.hope = Some(run.guess.hope());
        }
        let (number, usage) = (run.job.number, run.usage);
        self.line.send(&Report::Done { number, finish, usage });
    }

    fn stopped(&mut self, at: usize) {
        let run = self.leave(at);
        self.line.send(&Report::Stopped { number: run.job.number, usage: run.usage });
    }

    fn leave(&mut self, at: usize) -> Run {
        let run = self.runs.remove(at);
        self.lanes.leave(run.lane);
        self.watch.ended(run.job.number);
        run
    }

    fn stuck(&mut self, at: usize, stuck: &Stuck) {
        match stuck {
            Stuck::Numbers => self.broken(at, &DecodeError::NotANumber),
            Stuck::Form(problem) => {
                let run = self.leave(at);
                let hint = "ask for a simpler form, or for none";
                let trouble = Trouble::new(TroubleKind::Invalid, problem.to_string(), hint);
                self.line.send(&Report::Failed { number: Some(run.job.number), trouble });
            }
        }
    }

    /// Ends a request whose numbers make no sense; what its lane holds is forgotten.
    pub(super) fn broken(&mut self, at: usize, error: &DecodeError) {
        self.lanes.distrust(self.runs[at].lane);
        let run = self.leave(at);
        let hint = "try again; if it stays, the model file is likely damaged: download it again";
        let trouble = Trouble::new(TroubleKind::Broken, error.to_string(), hint);
        self.line.send(&Report::Failed { number: Some(run.job.number), trouble });
    }

    /// Takes back a batch that failed, and ends the requests in it, unless they are ended anyway.
    pub(super) fn failed(&mut self, hit: &[usize], error: &DecodeError) {
        self.lanes.undo(hit.iter().map(|&at| self.runs[at].lane));
        if *error == DecodeError::Cancelled {
            // All of them were, so the next round ends them.
            return;
        }
        for &at in hit.iter().rev() {
            self.broken(at, error);
        }
    }
}

/// Returns tokens to check beside those that are certain: what a form leaves no choice about,
/// which costs nothing to try, or else what was said before, as far as that pays.
fn propose(model: &Model, run: &mut Run, most: usize, room: usize) -> Vec<Token> {
    let forced = if room > 0 { run.forced(model, room) } else { Vec::new() };
    match most {
        _ if !forced.is_empty() => forced,
        0 => forced,
        most => run.guess.next(&run.tokens, most).to_vec(),
    }
}

/// Returns where copies are worth having in a prompt that cannot be cut later: before the last
/// few control tokens, which is where turns begin, some way before the end, where another
/// question may follow the same text, and every so often.
fn seams(model: &Model, run: &Run) -> VecDeque<usize> {
    const EVERY: usize = 1024;
    const TURNS: usize = 4;
    const BEFORE_THE_END: [usize; 4] = [32, 64, 128, 512];
    let prompt = &run.tokens[..run.prompt];
    let control = (1..prompt.len()).rev().filter(|&at| model.is_control(prompt[at]));
    let mut seams: Vec<usize> = control.take(TURNS).collect();
    seams.extend(BEFORE_THE_END.iter().filter_map(|back| prompt.len().checked_sub(*back)));
    seams.extend((1..prompt.len() / EVERY + 1).map(|n| n * EVERY));
    seams.retain(|seam| *seam > run.fed && *seam < run.prompt);
    seams.sort_unstable();
    seams.dedup();
    seams.into()
}
