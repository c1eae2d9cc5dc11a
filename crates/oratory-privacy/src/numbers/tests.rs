//! Each country's numbers: a right one beside its name is found whole, a wrong one is not.

use crate::{Finding, Kind, shaped};

fn found(text: &str) -> Vec<Finding> {
    shaped(text.as_bytes()).collect()
}

/// A text, the number in it, its kind, and what the reason begins with.
type Right = (&'static str, &'static str, Kind, &'static str);

const NUMBERS: &[Right] = &[
    ("my SSN is #", "536-90-4399", Kind::Ssn, "US social security"),
    ("#", "536-90-4399", Kind::Ssn, "US social security"),
    ("SSN: #", "536904399", Kind::Ssn, "US social security"),
    ("ITIN #", "912-70-1234", Kind::Ssn, "US individual"),
    ("Medicare: #", "1EG4-TE5-MK73", Kind::HealthId, "US Medicare"),
    ("NPI #", "1234567893", Kind::NationalId, "US provider"),
    ("DEA number #", "AB1234563", Kind::NationalId, "US prescriber"),
    ("her SIN is #", "130-692-544", Kind::NationalId, "Canadian"),
    ("CURP: #", "HEGG560427MVZRRL04", Kind::NationalId, "Mexican CURP"),
    ("RFC #", "GODE561231GR8", Kind::TaxId, "Mexican RFC"),
    ("CPF #", "529.982.247-25", Kind::NationalId, "Brazilian CPF"),
    ("cpf #", "52998224725", Kind::NationalId, "Brazilian CPF"),
    ("#", "11.222.333/0001-81", Kind::TaxId, "Brazilian CNPJ"),
    ("CUIT #", "20-12345678-6", Kind::TaxId, "Argentine CUIT"),
    ("RUT #", "12.345.678-5", Kind::NationalId, "Chilean"),
    ("NHS number #", "943 476 5919", Kind::HealthId, "NHS"),
    ("#", "AB123456C", Kind::NationalId, "UK national insurance"),
    ("NI number: #", "AB 12 34 56 C", Kind::NationalId, "UK national insurance"),
    ("UTR #", "1955839661", Kind::TaxId, "UK taxpayer"),
    ("PPS #", "1234567T", Kind::NationalId, "Irish"),
    ("VAT #", "GB980780684", Kind::TaxId, "UK VAT"),
    ("Steuer-ID #", "86 095 742 719", Kind::TaxId, "German tax number"),
    ("#", "86095742719", Kind::TaxId, "German tax number"),
    ("Personalausweis #", "T220001293", Kind::NationalId, "German identity"),
    ("Rentenversicherung #", "15 070649 C 103", Kind::NationalId, "German pension"),
    ("USt-IdNr. #", "DE136695976", Kind::TaxId, "German VAT"),
    ("SVNR #", "1237 010180", Kind::NationalId, "Austrian social"),
    ("#", "756.9217.0769.85", Kind::NationalId, "Swiss AHV"),
    ("UID #", "CHE-116.281.710", Kind::TaxId, "Swiss business"),
    ("BSN #", "111222333", Kind::NationalId, "Dutch BSN"),
    ("#", "85.07.30-033.28", Kind::NationalId, "Belgian national"),
    ("TVA #", "BE0428759497", Kind::TaxId, "Belgian VAT"),
    ("#", "2 55 08 14 168 025 38", Kind::NationalId, "French social"),
    ("TVA #", "FR40303265045", Kind::TaxId, "French VAT"),
    ("SIREN #", "732829320", Kind::TaxId, "French business"),
    ("#", "RSSMRA85T10A562S", Kind::TaxId, "Italian codice"),
    ("partita IVA #", "00743110157", Kind::TaxId, "Italian partita"),
    ("#", "12345678Z", Kind::NationalId, "Spanish DNI"),
    ("NIE #", "X1234567L", Kind::NationalId, "Spanish NIE"),
    ("CIF #", "A58818501", Kind::TaxId, "Spanish business"),
    ("contribuinte #", "123456789", Kind::TaxId, "Portuguese"),
    ("PESEL #", "44051401359", Kind::NationalId, "Polish PESEL"),
    ("#", "123-456-32-18", Kind::TaxId, "Polish NIP"),
    ("REGON #", "123456785", Kind::TaxId, "Polish REGON"),
    ("personnummer #", "811228-9874", Kind::NationalId, "Swedish"),
    ("#", "131052-308T", Kind::NationalId, "Finnish"),
    ("#", "15076500565", Kind::NationalId, "Norwegian"),
    ("rodné číslo #", "710319/2745", Kind::NationalId, "Czech"),
    ("CNP #", "1800101221144", Kind::NationalId, "Romanian"),
    ("TC kimlik no #", "10000000146", Kind::NationalId, "Turkish"),
    ("teudat zehut #", "123456782", Kind::NationalId, "Israeli"),
    ("ID number #", "8001015009087", Kind::NationalId, "South African"),
    ("Aadhaar #", "2341 2341 2346", Kind::NationalId, "Indian Aadhaar"),
    ("#", "27AAPFU0939F1ZV", Kind::TaxId, "Indian GSTIN"),
    ("NRIC #", "S1234567D", Kind::NationalId, "Singapore"),
    ("マイナンバー: #", "123456789018", Kind::NationalId, "Japanese"),
    ("身份证 #", "11010519491231002X", Kind::NationalId, "Chinese"),
    ("TFN #", "123 456 782", Kind::TaxId, "Australian tax"),
    ("ABN #", "51 824 753 556", Kind::TaxId, "Australian business"),
    ("Medicare card #", "2123 45670 1", Kind::HealthId, "Australian Medicare"),
    ("IRD #", "49-091-850", Kind::TaxId, "New Zealand"),
    ("routing number #", "021000021", Kind::Account, "US routing"),
    ("#", "1HGCM82633A004352", Kind::Vehicle, "vehicle"),
    ("#", "MORGA657054SM9IJ", Kind::DrivingLicence, "UK driving"),
    ("IBAN #", "DE89 3704 0044 0532 0130 00", Kind::Iban, "IBAN"),
    ("#", "GB82WEST12345698765432", Kind::Iban, "IBAN"),
    ("#", "4111 1111 1111 1111", Kind::Card, "payment card"),
    ("#", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", Kind::Wallet, "crypto"),
    ("#", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", Kind::Wallet, "Bitcoin"),
];

/// Numbers without check digits, which only a word or a layout makes what they are.
const NAMED: &[Right] = &[
    ("PAN #", "ABCPE1234F", Kind::TaxId, "Indian PAN"),
    ("주민등록번호 #", "850101-1234567", Kind::NationalId, "Korean"),
    ("CPR #", "211062-5629", Kind::NationalId, "Danish"),
    ("EIN #", "12-3456789", Kind::TaxId, "US employer"),
    ("sort code #", "20-00-00", Kind::Account, "UK sort code"),
    ("BSB #", "062-000", Kind::Account, "Australian BSB"),
    ("DNI: #", "30.123.456", Kind::NationalId, "Argentine DNI"),
    ("passport no. #", "X12345678", Kind::Passport, "passport"),
    ("My driver's license is #", "D1234567", Kind::DrivingLicence, "driving licence"),
    ("Führerschein: #", "B072RRE2I55", Kind::DrivingLicence, "driving licence"),
    ("license plate #", "7ABC123", Kind::Vehicle, "number plate"),
    ("Kennzeichen #", "B-MW 1234", Kind::Vehicle, "number plate"),
    ("account number #", "00123456789", Kind::Account, "account"),
    ("member id #", "XYZ123456789", Kind::HealthId, "number of a health"),
    ("SWIFT code #", "DEUTDEFF500", Kind::Bic, "BIC"),
    ("born on #", "12 July 1981", Kind::BirthDate, "date"),
    ("DOB: #", "07/12/1981", Kind::BirthDate, "date"),
    ("geboren am #", "12.07.1981", Kind::BirthDate, "date"),
    ("born #", "July 12, 1981", Kind::BirthDate, "date"),
    ("#", "+44 20 7946 0958", Kind::Phone, "telephone"),
    ("#", "(555) 123-4567", Kind::Phone, "telephone"),
    ("#", "555-123-4567", Kind::Phone, "telephone"),
    ("#", "001-234-567-8901x123", Kind::Phone, "telephone"),
    ("#", "030/1234567", Kind::Phone, "telephone"),
    ("#", "01 42 68 53 00", Kind::Phone, "telephone"),
    ("#", "+49 (0)30 1234567", Kind::Phone, "telephone"),
    ("call me at #", "2345678901", Kind::Phone, "telephone"),
    ("#", "020 7946 0958 ext. 12", Kind::Phone, "telephone"),
    ("login from #", "93.184.216.34", Kind::IpAddress, "IPv4"),
    ("#", "2001:db8:85a3::8a2e:370:7334", Kind::IpAddress, "IPv6"),
    ("#", "00:1B:44:11:3A:B7", Kind::MacAddress, "address of a network"),
    ("#", "00-1B-44-11-3A-B7", Kind::MacAddress, "address of a network"),
    ("at #", "48.85837, 2.29448", Kind::Coordinates, "position"),
    ("#", "48°51′30″N 2°17′40″E", Kind::Coordinates, "position"),
    ("#", "0x52908400098527886E0F7030069857D2E4169EE7", Kind::Wallet, "Ethereum"),
    ("#", "https://example.org/a?b=c", Kind::Url, "address on the web"),
    ("see #", "www.example.com", Kind::Url, "address on the web"),
];

#[test]
fn right_numbers_are_found_whole_with_their_reason() {
    for (text, number, kind, why) in NUMBERS.iter().chain(NAMED) {
        let whole = format!("Then {} and so on.", text.replace('#', number));
        let start = whole.find(number).expect("it was put in");
        let all = found(&whole);
        let right = all.iter().any(|finding| {
            finding.kind == *kind
                && finding.span == (start..start + number.len())
                && finding.why.starts_with(why)
                && (0.5..=1.0).contains(&finding.score)
        });
        assert!(right, "{whole}: {all:?}");
    }
}

#[test]
fn numbers_that_are_nearly_right_are_not_what_they_look_like() {
    for (text, number, _, why) in NUMBERS.iter().skip(4) {
        // Their last digit is no check digit.
        if why.starts_with("Australian Medicare")
            || why.starts_with("UK driving")
            || why.starts_with("US Medicare")
            || why.starts_with("UK national")
            || *why == "Mexican RFC"
        {
            continue;
        }
        let last = number.rfind(|sign: char| sign.is_ascii_digit()).expect("it has digits");
        let mut wrong = 0;
        for digit in b'0'..=b'9' {
            let mut bytes = number.as_bytes().to_vec();
            bytes[last] = digit;
            let near = String::from_utf8(bytes).expect("it is ASCII");
            let whole = text.replace('#', &near);
            let same = found(&whole).iter().any(|finding| finding.why.starts_with(why));
            wrong += usize::from(!same);
        }
        assert!(wrong >= 6, "{number}: only {wrong} of nine wrong digits are noticed");
    }
}

#[test]
fn bare_numbers_and_what_programs_write_are_nothing() {
    for plain in [
        "The year 2024 and 1,234,567 people",
        "version 1.2.3.4 of 10.0.0.1.2",
        "Chrome/96.0.4664.110 Safari/537.36",
        "listen on 0.0.0.0:8080 or 127.0.0.1",
        "commit 3f2a9c81b7d2e4a6051928374655647382910abc",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "at 12:30:45, 2024-05-17T12:30:45Z",
        "123456789",
        "1763683200000",
        "pi is 3.14159265358979",
        "$1,200,000.00 or 15%",
        "std::fmt::Display and a::b::c",
        "ISBN 978-3-16-148410-0",
        "pages 100-200 and 300-400",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]",
        "x = 12345678 + 87654321",
        "call it 5 times, ring 3 bells",
        "the @mention of no@body",
        "born in 1985 in Leeds",
    ] {
        let all: Vec<Finding> =
            found(plain).into_iter().filter(|finding| finding.kind.is_private_alone()).collect();
        assert_eq!(all, [], "{plain}");
    }
}
