//! Where requests are computed, several in every step.
//!
//! A step takes a token or a few for every answer being written, and a piece of the prompts
//! being read. The pieces are sized by the clock: beside other answers a long prompt never
//! holds a step up for longer than a blink, alone it is read as fast as the machine can.

pub(super) mod compose;

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use oratory_contract::{Finish, Usage};

use super::attic;
use super::foresight::{Foresight, Heard, Outcome, Proposal};
use super::gear::Gear;
use super::lanes::{Guest, Lanes};
use super::line::Line;
use super::reading::{Arrival, Ready};
use super::run::{Goes, Run, Stuck};
use super::storing::Storing;
use super::wardrobe::Wardrobe;
use crate::llama::{Batch, DecodeError, Model, Token, Trust, Watch};
use crate::protocol::{Order, Report, Trouble, TroubleKind};

/// How long the floor is idle before what lies around is put away.
const QUIET: Duration = Duration::from_secs(5);

/// All requests that are being computed.
pub(super) struct Floor<'a> {
    pub(super) model: &'a Model,
    pub(super) lanes: Lanes<'a>,
    pub(super) line: &'a Line,
    pub(super) watch: &'a Watch,
    pub(super) foresight: Foresight<'a>,
    pub(super) batch_size: usize,
    pub(super) storing: Option<Storing>,
    pub(super) waiting: VecDeque<Box<Ready>>,
    pub(super) runs: Vec<Run>,
    pub(super) pace: Pace,
    pub(super) gear: Gear,
    pub(super) batch: Batch,
    pub(super) wardrobe: Wardrobe<'a>,
    /// When the step under way began.
    pub(super) began: Instant,
    /// What was last told of the memory that waiting states take.
    pub(super) told_kept: u64,
}

/// What the machine has shown of its speed.
#[derive(Default)]
pub(super) struct Pace {
    /// Microseconds to read one token of a prompt; 0 is unknown.
    pub(super) reading: f32,
}

/// What one request has in a batch.
struct Share {
    run: usize,
    /// Its first row and how many.
    row: usize,
    count: usize,
    /// Tokens proposed behind those that are certain.
    proposal: Option<Proposal>,
    /// Whether tokens are only read again, with more to come before one is chosen.
    silent: bool,
}

impl Share {
    fn proposed(&self) -> &[Token] {
        self.proposal.as_ref().map_or(&[], |proposal| &proposal.tokens)
    }
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
            self.look();
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
                line.send(&Report::Stopped { number, usage: Usage::default() });
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
            let Some(mut seat) = self.lanes.seat(guest) else {
                self.waiting.push_front(ready);
                return;
            };
            // Of what is no token there is all or nothing.
            while let Some(spot) = ready.spots.iter().find(|spot| spot.holds(seat.kept)) {
                seat.kept = self.lanes.cut(seat.lane, spot.at);
            }
            self.foresight.refresh();
            let mut run = Run::new(self.model, *ready, seat, worn);
            if !self.lanes.can_be_cut() {
                run.seams = compose::seams(self.model, &run);
            }
            let at = self.runs.partition_point(|other| other.lane < run.lane);
            self.runs.insert(at, run);
        }
    }

    fn refuse(&self, number: u64, trouble: Trouble) {
        self.watch.ended(number);
        let (number, usage) = (Some(number), Usage::default());
        self.line.send(&Report::Failed { number, usage, trouble });
    }

    /// Computes one batch for everyone. The first after a change is laid out anew, which says
    /// nothing of the machine's pace.
    fn step(&mut self, dressed: bool) {
        self.began = Instant::now();
        let shares = self.compose();
        if shares.is_empty() {
            return;
        }
        self.watch.computing(shares.iter().map(|share| self.runs[share.run].job.number));
        let began = Instant::now();
        for share in shares.iter().filter(|share| share.proposal.is_some()) {
            self.lanes.mark(self.runs[share.run].lane);
        }
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
            self.foresight.computed(share.count, micros);
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
        let row = share.row + share.count - 1;
        let heard = Heard { position: until - 1, row, count: 1 };
        self.foresight.hear(self.lanes.context(), &self.runs[share.run], heard);
        let chosen = self.choose(share.run, row, Trust::Exact)?;
        Ok(chosen.map_or(Goes::On, |(_, goes)| goes))
    }

    fn write_on(&mut self, share: &Share) -> Result<Goes, Stuck> {
        let run = &mut self.runs[share.run];
        if share.silent {
            return self.settle(share, share.count).map(|()| Goes::On);
        }
        let certain = share.count - share.proposed().len();
        let said = run.usage.output;
        let (right, outcome) = self.accept(share, share.row + certain - 1);
        // What is to be chosen exactly is computed again alone.
        let from = self.runs[share.run].fed + certain - 1;
        let again = usize::from(self.runs[share.run].exactly);
        let count = (1 + right).saturating_sub(again);
        let heard = Heard { position: from, row: share.row + certain - 1, count };
        self.foresight.hear(self.lanes.context(), &self.runs[share.run], heard);
        self.settle(share, certain + right - again)?;
        self.foresight.stepped(Outcome {
            proposal: share.proposal.as_ref().map(|it| (it.source, it.tokens.len())),
            right,
            repeats: certain > 1 || again > 0,
            gained: (self.runs[share.run].usage.output - said) as usize,
            micros: self.began.elapsed().as_micros() as f32,
        });
        outcome
    }

    /// Lets a request choose tokens, from the one after `row` on, as long as they are those that
    /// were proposed. Returns how many were, and whether the answer goes on; what was on trial
    /// must be taken back before anything else is done about it.
    fn accept(&mut self, share: &Share, row: usize) -> (usize, Result<Goes, Stuck>) {
        let trust = if share.count == 1 { Trust::Exact } else { Trust::About };
        self.runs[share.run].exactly = false;
        let mut right = 0;
        loop {
            let outcome = match self.choose(share.run, row + right, trust) {
                Ok(Some((token, Goes::On))) if share.proposed().get(right) == Some(&token) => {
                    right += 1;
                    continue;
                }
                Ok(Some((_, goes))) => Ok(goes),
                Ok(None) => {
                    self.runs[share.run].exactly = true;
                    Ok(Goes::On)
                }
                Err(stuck) => Err(stuck),
            };
            return (right, outcome);
        }
    }

    /// Keeps the first tokens of what a request had in a batch, and takes back the others.
    fn settle(&mut self, share: &Share, kept: usize) -> Result<(), Stuck> {
        let run = &mut self.runs[share.run];
        let tokens = &run.tokens[run.fed..run.fed + kept];
        if kept == share.count {
            self.lanes.grew(run.lane, tokens);
            run.fed += kept;
            return Ok(());
        }
        run.fed = self.lanes.keep(run.lane, tokens).ok_or(Stuck::Numbers)?;
        Ok(())
    }

    /// Chooses one token by the chances at `row`; `None` if that takes more exact ones.
    fn choose(
        &mut self,
        at: usize,
        row: usize,
        trust: Trust,
    ) -> Result<Option<(Token, Goes)>, Stuck> {
        let run = &mut self.runs[at];
        if run.left(self.lanes.size()) == 0 {
            return Ok(Some((0, Goes::Over(Finish::Length))));
        }
        let logits = self.lanes.context().logits(row).map_err(|_| Stuck::Numbers)?;
        let chosen = run.choose(self.model, logits, trust)?;
        // Known now, so no step is spent on finding out.
        let full = run.left(self.lanes.size()) == 0;
        Ok(chosen.map(|(token, goes)| match goes {
            Goes::On if full => (token, Goes::Over(Finish::Length)),
            goes => (token, goes),
        }))
    }

    fn pass_on(&mut self, at: usize) {
        let run = &mut self.runs[at];
        let said = run.take_said();
        if !said.is_empty() {
            let (number, usage) = (run.job.number, run.usage);
            self.line.send(&Report::Said { number, usage, said });
        }
    }

    pub(super) fn done(&mut self, at: usize, finish: Finish) {
        let finish = self.runs[at].finish(finish);
        self.pass_on(at);
        let run = self.leave(at);
        let (number, usage) = (run.job.number, run.usage);
        self.line.send(&Report::Done { number, finish, usage });
    }

    fn stopped(&mut self, at: usize) {
        let run = self.leave(at);
        self.line.send(&Report::Stopped { number: run.job.number, usage: run.usage });
    }

    fn leave(&mut self, at: usize) -> Run {
        let run = self.runs.remove(at);
        if run.shown > 0 {
            // Half of a picture is none.
            self.lanes.undo([run.lane]);
        }
        self.lanes.leave(run.lane);
        self.watch.ended(run.job.number);
        let bytes = self.lanes.kept_bytes();
        if std::mem::replace(&mut self.told_kept, bytes) != bytes {
            self.line.send(&Report::Kept { bytes });
        }
        run
    }

    fn stuck(&mut self, at: usize, stuck: &Stuck) {
        match stuck {
            Stuck::Numbers => self.broken(at, &DecodeError::NotANumber),
            Stuck::Form(problem) => {
                let run = self.leave(at);
                let hint = "ask for a simpler form, or for none";
                let trouble = Trouble::new(TroubleKind::Invalid, problem.to_string(), hint);
                self.fail(&run, trouble);
            }
        }
    }

    fn fail(&self, run: &Run, trouble: Trouble) {
        let (number, usage) = (Some(run.job.number), run.usage);
        self.line.send(&Report::Failed { number, usage, trouble });
    }

    /// Ends a request whose numbers make no sense; what its lane holds is forgotten.
    pub(super) fn broken(&mut self, at: usize, error: &DecodeError) {
        self.lanes.distrust(self.runs[at].lane);
        let run = self.leave(at);
        let hint = "try again; if it stays, the model file is likely damaged: download it again";
        let trouble = Trouble::new(TroubleKind::Broken, error.to_string(), hint);
        self.fail(&run, trouble);
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
