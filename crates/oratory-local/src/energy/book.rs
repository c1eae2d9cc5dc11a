//! Shares what counters say among the requests under way. Pure: it reads no counter and no clock.
//!
//! Between two readings the power is taken to be the same, and each moment's is split evenly.

use std::collections::BTreeMap;

/// Requests whose end was never told are forgotten beyond so many.
const MOST: usize = 4096;

/// The requests under way, and the last reading.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// When counters were read, and what they showed, in microjoules.
    last: Option<(f64, f64)>,
    spans: BTreeMap<u64, Span>,
}

#[derive(Debug)]
struct Span {
    begun: f64,
    ended: Option<f64>,
    microjoules: f64,
    /// Whether a reading was missed meanwhile.
    broken: bool,
}

impl Book {
    /// Says whether no request is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(super) fn begin(&mut self, number: u64, now: f64) {
        while self.spans.len() >= MOST {
            self.spans.pop_first();
        }
        self.spans
            .insert(number, Span { begun: now, ended: None, microjoules: 0.0, broken: false });
    }

    pub(super) fn end(&mut self, number: u64, now: f64) {
        if let Some(span) = self.spans.get_mut(&number) {
            span.ended = Some(now);
        }
    }

    /// Takes a reading, and returns what each request took that has ended since the last one.
    pub(super) fn sample(&mut self, now: f64, read: Option<u64>) -> Vec<(u64, Option<u64>)> {
        match (self.last, read) {
            (Some((before, first)), Some(read)) => self.share(before, now, read as f64 - first),
            (Some(_), None) => self.spans.values_mut().for_each(|span| span.broken = true),
            // What was used before the first reading is nobody's: a fraction of a millisecond.
            (None, _) => {}
        }
        let over = self.spans.extract_if(.., |_, span| span.ended.is_some());
        let over = over.map(|(number, span)| (number, span.took())).collect();
        // A machine at rest is nobody's request, and its counters may start again many times.
        let at_rest = self.spans.is_empty();
        self.last = read.filter(|_| !at_rest).map(|read| (now, read as f64));
        over
    }

    fn share(&mut self, from: f64, to: f64, microjoules: f64) {
        let power = microjoules / (to - from);
        if !power.is_finite() || power < 0.0 {
            return;
        }
        let within = |at: f64| at.clamp(from, to);
        let mut cuts: Vec<f64> = self
            .spans
            .values()
            .flat_map(|span| [within(span.begun), within(span.ended.unwrap_or(to))])
            .chain([from, to])
            .collect();
        cuts.sort_by(f64::total_cmp);
        for part in cuts.windows(2).filter(|part| part[1] > part[0]) {
            let here = |span: &&mut Span| {
                span.begun <= part[0] && span.ended.is_none_or(|ended| ended >= part[1])
            };
            let count = self.spans.values_mut().filter(here).count();
            let each = power * (part[1] - part[0]) / count.max(1) as f64;
            self.spans.values_mut().filter(here).for_each(|span| span.microjoules += each);
        }
    }
}

impl Span {
    /// Returns what it took; `None` where a reading is missing, or it was too short to be seen.
    fn took(&self) -> Option<u64> {
        let microjoules = self.microjoules.round() as u64;
        (!self.broken && microjoules > 0).then_some(microjoules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOULE: u64 = 1_000_000;

    #[test]
    fn one_request_takes_all_and_rest_belongs_to_nobody() {
        let mut book = Book::default();
        book.begin(1, 0.0);
        assert_eq!(book.sample(0.0, Some(50 * JOULE)), []);
        book.end(1, 2.0);
        assert_eq!(book.sample(2.0, Some(70 * JOULE)), [(1, Some(20 * JOULE))]);
        // A hundred joules at rest, and then another request.
        book.begin(2, 12.0);
        assert_eq!(book.sample(12.0, Some(170 * JOULE)), []);
        book.end(2, 13.0);
        assert_eq!(book.sample(13.0, Some(175 * JOULE)), [(2, Some(5 * JOULE))]);
    }

    #[test]
    fn those_that_overlap_share_and_nothing_is_lost() {
        let mut book = Book::default();
        book.begin(1, 0.0);
        book.sample(0.0, Some(0));
        // Ten watts all the time; the second comes after a second, the first leaves after three.
        book.begin(2, 1.0);
        book.end(1, 3.0);
        assert_eq!(book.sample(4.0, Some(40 * JOULE)), [(1, Some(20 * JOULE))]);
        book.end(2, 5.0);
        assert_eq!(book.sample(5.0, Some(50 * JOULE)), [(2, Some(30 * JOULE))]);
    }

    #[test]
    fn a_missing_reading_and_a_blink_are_not_measured() {
        let mut book = Book::default();
        book.begin(1, 0.0);
        book.sample(0.0, Some(0));
        book.sample(1.0, None);
        book.end(1, 3.0);
        assert_eq!(book.sample(3.0, Some(9 * JOULE)), [(1, None)]);
        book.begin(2, 4.0);
        book.end(2, 4.0);
        assert_eq!(book.sample(4.0, Some(10 * JOULE)), [(2, None)]);
    }

    #[test]
    fn requests_that_never_end_are_forgotten() {
        let mut book = Book::default();
        (0..2 * MOST as u64).for_each(|number| book.begin(number, 0.0));
        assert_eq!(book.spans.len(), MOST);
    }
}
