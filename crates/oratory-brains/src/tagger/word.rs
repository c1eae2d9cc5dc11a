//! What a word looks like from within: its letters, its shape, and the lists it stands in.
//!
//! Knows nothing of the words around it, so that what a word gives can be kept and used again.

use super::tokens::joins;

/// Rows of the table that features are hashed into.
pub const ROWS: usize = 1 << 17;

/// How many letters of a word are looked at three by three; more tell nothing new.
const LETTERS: usize = 20;

/// A word in small letters without accents, as the lists and the features know it.
#[derive(Default)]
pub struct Folded {
    bytes: Vec<u8>,
    accented: bool,
    shape: u64,
    last: u8,
    repeats: u8,
    capitals: u8,
    smalls: u8,
    digits: u8,
    others: u8,
}

impl Folded {
    /// Folds `word`, forgetting the one before.
    pub fn set(&mut self, word: &str) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        *self = Self { bytes, ..Self::default() };
        for sign in word.chars() {
            self.push(sign);
        }
    }

    /// Returns the folded letters.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the number the lists know the word by.
    pub fn key(&self) -> u64 {
        hash(0x5eed, &self.bytes)
    }

    fn push(&mut self, sign: char) {
        let class = if sign.is_ascii_digit() {
            self.digits = self.digits.saturating_add(1);
            b'0'
        } else if sign.is_uppercase() {
            self.capitals = self.capitals.saturating_add(1);
            b'X'
        } else if sign.is_lowercase() {
            self.smalls = self.smalls.saturating_add(1);
            b'x'
        } else {
            self.others = self.others.saturating_add(1);
            b'o'
        };
        self.note(class);
        if sign.is_ascii() {
            self.bytes.push(sign.to_ascii_lowercase() as u8);
        } else if !joins(sign) {
            self.accented = true;
            self.fold(sign);
        }
    }

    /// Notes a letter in the shape: `Xxx0`; runs of letters count up to two, digits up to nine.
    fn note(&mut self, class: u8) {
        self.repeats = if class == self.last { self.repeats.saturating_add(1) } else { 1 };
        self.last = class;
        let most = if class == b'0' { 9 } else { 2 };
        if self.repeats <= most {
            self.shape = mix(self.shape, u64::from(class));
        }
    }

    fn fold(&mut self, sign: char) {
        for small in sign.to_lowercase() {
            let mut own = [0; 4];
            let plain = match small {
                'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ'..='ặ' => "a",
                'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
                'ď' | 'đ' | 'ð' => "d",
                'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => "e",
                'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
                'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
                'ķ' => "k",
                'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
                'ñ' | 'ń' | 'ņ' | 'ň' => "n",
                'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
                'ŕ' | 'ŗ' | 'ř' => "r",
                'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
                'ţ' | 'ť' | 'ț' => "t",
                'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
                'ý' | 'ÿ' | 'ỳ'..='ỹ' => "y",
                'ź' | 'ż' | 'ž' => "z",
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                _ if joins(small) => "",
                _ => small.encode_utf8(&mut own),
            };
            self.bytes.extend(plain.as_bytes());
        }
    }

    /// Puts the rows of the table that stand for this word into `rows`, its identity first.
    pub fn rows(&self, mask: u32, rows: &mut Vec<u32>) {
        rows.clear();
        let bytes = &self.bytes;
        rows.push(row(1, hash(0, bytes)));
        rows.push(row(2, self.shape));
        let length = bytes.len().min(12) as u64;
        rows.push(row(
            3,
            length << 8 | u64::from(self.digits.min(12)) << 1 | u64::from(self.accented),
        ));
        rows.push(row(4, self.casing()));
        for count in 1..=4.min(bytes.len()) {
            rows.push(row(5, hash(count as u64, &bytes[..count])));
            rows.push(row(6, hash(count as u64, &bytes[bytes.len() - count..])));
        }
        let looked_at = &bytes[..bytes.len().min(LETTERS)];
        rows.extend(looked_at.windows(3).map(|three| row(7, hash(0, three))));
        rows.extend((0..24).filter(|bit| mask >> bit & 1 == 1).map(|bit| row(8, bit)));
        rows.push(row(9, u64::from(mask)));
    }

    /// Returns which letters are large, in the coarsest way: none, first, all, or mixed.
    fn casing(&self) -> u64 {
        let large_first = self.capitals == 1 && self.smalls > 0;
        let class = match (self.capitals, self.smalls) {
            (0, 0) => 0,
            (0, _) => 1,
            (1, 0) => 2,
            (_, 0) => 3,
            _ if large_first => 4,
            _ => 5,
        };
        class << 2 | u64::from(self.digits > 0) << 1 | u64::from(self.others > 0)
    }
}

/// Returns the row that the feature `value` of this `sort` is hashed into.
fn row(sort: u64, value: u64) -> u32 {
    let mixed = mix(mix(0x9e37, sort), value);
    (mixed >> 40) as u32 & (ROWS as u32 - 1)
}

/// Returns the rows that stand for a mark or a break.
pub fn rows_of_mark(text: &str, rows: &mut Vec<u32>) {
    rows.clear();
    let first = text.chars().next().map_or(0, u64::from);
    let sign = if text.len() > 1 && first < 128 { first << 1 | 1 } else { first << 1 };
    // Signs are many and most say the same: nothing.
    let known =
        first < 0x250 || (0x2000..0x2100).contains(&first) || (0x3000..0x3020).contains(&first);
    rows.push(row(10, if known { sign } else { 1 << 40 }));
}

/// Returns the rows that stand for the end of a line or of a paragraph.
pub fn rows_of_break(paragraph: bool, rows: &mut Vec<u32>) {
    rows.clear();
    rows.push(row(11, u64::from(paragraph)));
}

pub(super) fn mix(state: u64, value: u64) -> u64 {
    let mixed = (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

/// Returns a hash that is the same on every machine.
pub fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut state = mix(0xa076_1d64_78bd_642f, seed ^ (bytes.len() as u64) << 32);
    for eight in eights {
        state = mix(state, u64::from_le_bytes(*eight));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(mix(state, u64::from_le_bytes(last)), 0xe703_7ed1)
}
