//! Documents around values: sentences of five languages, forms and records, with look-alikes.
//!
//! None of the sentences is in the detector's tests.

use std::ops::Range;

use oratory_privacy::Kind;

use crate::draw::Draw;
use crate::values::{self, Value};

/// A text and what is private in it.
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) values: Vec<Placed>,
}

/// A value and where it stands.
pub(crate) struct Placed {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
    pub(crate) format: &'static str,
}

/// Sentences in which nothing is private, some with numbers that look like something.
const PLAIN: &[&str] = &[
    "The meeting was moved to room 14 on the third floor.",
    "We shipped 1,250 units in the first quarter, 12.5 % more than in 2023.",
    "Build 7.4.1.0 fixes the crash in the exporter.",
    "Order 2024-00417 is on its way and will arrive between 9:00 and 11:30.",
    "Die Sitzung beginnt um 14:30 Uhr und dauert zwei Stunden.",
    "Le rapport compte 128 pages et trois annexes.",
    "El informe se publicó el 12 de mayo de 2021.",
    "Il treno parte alle 18:05 dal binario 7.",
    "Commit 9fceb02d0ae598e95dc970b74767f19372d61af8 introduced the bug.",
    "The sensor reported 23.5 degrees at 1013.25 hPa.",
    "See chapter 3.2.1.4 of the manual for the pin-out.",
    "Invoice INV-20391 over $4,310.00 was paid in 30 days.",
    "Set MAX_RETRIES=5 and TIMEOUT_MS=30000 before you start.",
    "Request 7c9e6679-7425-40de-944b-e07fc1f90ae7 took 182 ms.",
    "The population grew from 8,804,190 to 8,910,000.",
    "Part number 55-0192-A replaces 55-0191-C.",
    "SELECT id, total FROM orders WHERE total > 100000 LIMIT 20;",
    "He scored 21 points, 11 rebounds and 7 assists.",
    "ISBN 978-0-262-03384-8 is a good book on algorithms.",
    "for i in range(0, 1000, 25): print(i * 3.14159)",
];

/// Sentences around a value of a kind; `@` is where it stands.
fn around(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Card => &[
            "Please charge @ for the room.",
            "He paid with @ at the desk.",
            "cc: @",
            "Kartennummer: @",
            "{\"pan\":\"@\"}",
            "Ma carte est la @.",
        ],
        Kind::Email => &[
            "Reach us via @ if in doubt.",
            "From: @",
            "mailto:@",
            "Schreiben Sie an @.",
            "<@>",
            "contact=@;",
        ],
        Kind::Iban => &[
            "Transfer it to @ by Friday.",
            "IBAN @",
            "Bitte auf @ überweisen.",
            "virement sur @",
            "iban,@,EUR",
        ],
        Kind::IpAddress => &[
            "The request came from @ at night.",
            "host @ is down",
            "ssh root@@",
            "client=@ status=200",
            "Der Rechner @ antwortet nicht.",
        ],
        Kind::Phone => &[
            "Give me a call on @ tonight.",
            "Tel.: @",
            "You can text @ any time.",
            "Telefon @",
            "phone=\"@\"",
            "Mon numéro de téléphone est le @.",
        ],
        Kind::Url => {
            &["More on @ for those who want it.", "homepage: @", "Siehe @", "visit @ today"]
        }
        Kind::Ssn => &[
            "SSN: @",
            "Her social security number is @.",
            "ssn,@",
            "The applicant's Social Security No. @ was verified.",
            "\"ssn\": \"@\"",
        ],
        Kind::DrivingLicence => &[
            "Driver's license number: @",
            "driver license @",
            "My DL is @.",
            "Driving licence no. @ expires soon.",
            "drivers_license=@",
        ],
        Kind::Passport => &[
            "Passport number @",
            "She travels on passport @.",
            "Reisepass Nr. @",
            "passport_no: @",
        ],
        Kind::NationalId => &[
            "My national id is @.",
            "DNI / CPF / PESEL: @",
            "Personal number: @",
            "NINO, NISS, HETU or DNI: @",
        ],
        Kind::TaxId => &["tax id: @", "NIF, PAN or partita IVA @", "The tax number is @."],
        Kind::HealthId => &["NHS number: @", "her NHS no. is @", "nhs_number=@"],
        Kind::MacAddress => &["The card answers as @.", "ether @ txqueuelen 1000", "MAC: @"],
        Kind::Wallet => &["Send the ether to @ now.", "wallet=@", "deposit address @"],
        Kind::Coordinates => &["The hut is at @.", "gps: @", "location=@"],
        Kind::Vehicle => &[
            "license plate @",
            "Kennzeichen: @",
            "The car with plate @ was towed.",
            "Vehicle registration @",
        ],
        Kind::Account => {
            &["account number @", "Kontonummer @", "acct no. @", "The bank account is @."]
        }
        Kind::BirthDate => {
            &["born on @", "DOB: @", "Geburtsdatum: @", "date of birth @", "née le @"]
        }
        _ => &["@"],
    }
}

/// Makes a document with one to three values among plain sentences.
pub(crate) fn made(draw: &mut Draw) -> Document {
    let mut document = Document { text: String::new(), values: Vec::new() };
    for _ in 0..1 + draw.below(3) {
        for _ in 0..draw.below(3) {
            document.text.push_str(draw.one(PLAIN));
            document.text.push_str(draw.one(&[" ", "\n"]));
        }
        let value = values::value(draw);
        add(&mut document, &value, draw);
        document.text.push_str(draw.one(&[" ", "\n", "\n\n"]));
    }
    document
}

fn add(document: &mut Document, value: &Value, draw: &mut Draw) {
    let sentence = draw.one(around(value.kind));
    // In `ssh root@@`, the last one is the place.
    let at = sentence.rfind('@').unwrap_or(0);
    document.text.push_str(&sentence[..at]);
    let start = document.text.len();
    document.text.push_str(&value.text);
    let span = start..document.text.len();
    document.text.push_str(&sentence[at + 1..]);
    document.values.push(Placed { kind: value.kind, span, format: value.format });
}

/// Makes a text in which nothing is private.
pub(crate) fn plain(draw: &mut Draw) -> String {
    let sentences: Vec<&str> = (0..3 + draw.below(6)).map(|_| draw.one(PLAIN)).collect();
    sentences.join(" ")
}
