//! One character as the vocabulary writes it: small, without accents, or nothing at all.
//!
//! Covers Latin, Greek and Cyrillic letters that the vocabulary knows bare; the rest stays.

/// What a character is to the one who cuts text into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Belongs to a word.
    Letter,
    /// Ends a word and is nothing itself.
    Space,
    /// A word of its own: punctuation, and each character of a script without spaces.
    Alone,
    /// Not there at all: control characters, accents that stand by themselves.
    Nothing,
}

/// Returns what a character is.
pub(super) fn kind(letter: char) -> Kind {
    match letter {
        'a'..='z' | '0'..='9' | 'A'..='Z' => Kind::Letter,
        '\0'..='\x7f' if letter.is_ascii_whitespace() => Kind::Space,
        '\0'..='\x1f' | '\x7f' => Kind::Nothing,
        '!'..='~' => Kind::Alone,
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => {
            Kind::Nothing
        }
        '\u{feff}' | '\u{fffd}' => Kind::Nothing,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => Kind::Alone,
        '\u{20000}'..='\u{2ffff}' => Kind::Alone,
        _ if letter.is_whitespace() => Kind::Space,
        _ if letter.is_control() => Kind::Nothing,
        _ if letter.is_alphanumeric() => Kind::Letter,
        _ => Kind::Alone,
    }
}

/// Adds a character to `word` in small letters and without its accents.
pub(super) fn fold(letter: char, word: &mut String) {
    if letter.is_ascii() {
        word.push(letter.to_ascii_lowercase());
        return;
    }
    for small in letter.to_lowercase() {
        // The dot that a capital İ leaves behind is an accent like any other.
        if kind(small) != Kind::Nothing {
            word.push(bare(small));
        }
    }
}

/// Returns a small letter without its accent.
fn bare(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ'..='ặ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'ḍ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ḥ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ǐ' | 'ỉ' | 'ị' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' | 'ṇ' => 'n',
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' | 'ọ'..='ợ' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ṣ' => 's',
        'ţ' | 'ť' | 'ț' | 'ṭ' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' | 'ụ'..='ự' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => other(letter),
    }
}

/// Returns a Greek or Cyrillic letter without its accent; anything else as it is.
fn other(letter: char) -> char {
    match letter {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'й' => 'и',
        'ё' => 'е',
        'ї' => 'і',
        'ў' => 'у',
        _ => letter,
    }
}
