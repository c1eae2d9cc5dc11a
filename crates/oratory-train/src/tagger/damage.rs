//! Makes drafts look as people write: without capitals, without accents, with slips of the finger.

use super::chance::Chance;
use super::draft::Draft;

/// Returns the draft, some of the time changed in one way or two.
pub(crate) fn damaged(draft: Draft, chance: &mut Chance) -> Draft {
    let cased = match chance.below(100) {
        0..=13 => draft.changed(|_, sign, text| text.extend(sign.to_lowercase())),
        14..=16 => draft.changed(|_, sign, text| text.extend(sign.to_uppercase())),
        17..=18 => titled(&draft),
        _ => draft,
    };
    match chance.below(100) {
        0..=4 => mistyped(&cased, chance),
        5..=8 => cased.changed(|_, sign, text| {
            if !matches!(sign, '.' | ',' | ';' | '!' | '?') {
                text.push(sign);
            }
        }),
        9..=13 => cased.changed(|_, sign, text| plain(sign, text)),
        14 => cased.changed(|_, sign, text| text.push(if sign == '\n' { ' ' } else { sign })),
        // As a tokenised corpus has it: every mark between blanks.
        15..=20 => cased.changed(|_, sign, text| match sign {
            '.' | ',' | ';' | '!' | '?' | ':' | '(' | ')' | '"' | '\'' => {
                text.push(' ');
                text.push(sign);
                text.push(' ');
            }
            _ => text.push(sign),
        }),
        21..=22 => cased.changed(|_, sign, text| match sign {
            '\n' => text.push_str("\\n"),
            '"' => text.push_str("\\\""),
            _ => text.push(sign),
        }),
        _ => cased,
    }
}

fn titled(draft: &Draft) -> Draft {
    let mut in_word = false;
    draft.changed(|_, sign, text| {
        if sign.is_alphabetic() && !in_word {
            text.extend(sign.to_uppercase());
        } else {
            text.push(sign);
        }
        in_word = sign.is_alphanumeric() || sign == '\'';
    })
}

fn mistyped(draft: &Draft, chance: &mut Chance) -> Draft {
    draft.changed(|_, sign, text| {
        if !sign.is_alphabetic() || !chance.percent(2) {
            return text.push(sign);
        }
        match chance.below(3) {
            0 => {}
            1 => {
                text.push(sign);
                text.push(sign);
            }
            _ => text.push((b'a' + chance.below(26) as u8) as char),
        }
    })
}

/// Writes a letter without its accent, in the manner of telegrams.
fn plain(sign: char, text: &mut String) {
    match sign {
        'ä' => text.push_str("ae"),
        'ö' => text.push_str("oe"),
        'ü' => text.push_str("ue"),
        'ß' => text.push_str("ss"),
        'é' | 'è' | 'ê' | 'ë' => text.push('e'),
        'á' | 'à' | 'â' | 'ã' => text.push('a'),
        'í' | 'ì' | 'î' | 'ï' => text.push('i'),
        'ó' | 'ò' | 'ô' | 'õ' => text.push('o'),
        'ú' | 'ù' | 'û' => text.push('u'),
        'ç' => text.push('c'),
        'ñ' => text.push('n'),
        other => text.push(other),
    }
}
