//! The kinds of private things, their names and the labels they carry.
//!
//! Knows nothing of how they are found.

use oratory_contract::{Labels, Sensitivity};
use serde::{Serialize, Serializer};

/// What sort of private thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A payment card number.
    Card,
    /// An international bank account number.
    Iban,
    /// The code of a bank.
    Bic,
    /// A number that points to an account, a contract or a person.
    Account,
    /// The address of a wallet of a crypto currency.
    Wallet,
    /// An address of a machine on a network.
    IpAddress,
    /// The address of a network card.
    MacAddress,
    /// An address on the web without anything secret in it.
    Url,
    /// A position on the globe.
    Coordinates,
    /// A number plate or a chassis number.
    Vehicle,
    /// The number of a driving licence.
    DrivingLicence,
    /// The number of a passport, or the lines a machine reads in one.
    Passport,
    /// A social security number of the United States.
    Ssn,
    /// A number that a state gives to a person.
    NationalId,
    /// A number that a tax office gives to a person or a business.
    TaxId,
    /// A number that a health service gives to a person.
    HealthId,
    /// A key or token that opens something.
    ApiKey,
    /// A password, or what a password was turned into.
    Password,
    /// A private key.
    PrivateKey,
    /// An address with a password or a token in it.
    SecretUrl,
    /// A person's name.
    Person,
    /// A company, an authority, a club.
    Organisation,
    /// A town, a region, a country.
    Place,
    /// A postal address or the part of one.
    Address,
    /// What somebody does for a living.
    JobTitle,
    /// An illness, a complaint, a drug, a treatment.
    Health,
    /// The day somebody was born.
    BirthDate,
    /// A name to log in with, or a handle.
    UserName,
    /// Something that somebody has named in the settings; see [`crate::Custom`].
    Custom(&'static Own),
}

/// A kind of somebody's own: its name and its labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Own {
    /// The name as surrogates write it: `PROJECT_NAME`.
    pub name: String,
    /// What text with such a thing in it is labelled.
    pub labels: Labels,
}

impl PartialOrd for Own {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Own {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (&self.name, self.labels.sensitivity, &self.labels.compartments).cmp(&(
            &other.name,
            other.labels.sensitivity,
            &other.labels.compartments,
        ))
    }
}

impl Kind {
    /// Every kind of ours, nobody's own.
    pub const ALL: [Self; 30] = [
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Iban,
        Self::Bic,
        Self::Account,
        Self::Wallet,
        Self::IpAddress,
        Self::MacAddress,
        Self::Url,
        Self::Coordinates,
        Self::Vehicle,
        Self::DrivingLicence,
        Self::Passport,
        Self::Ssn,
        Self::NationalId,
        Self::TaxId,
        Self::HealthId,
        Self::ApiKey,
        Self::Password,
        Self::PrivateKey,
        Self::SecretUrl,
        Self::Person,
        Self::Organisation,
        Self::Place,
        Self::Address,
        Self::JobTitle,
        Self::Health,
        Self::BirthDate,
        Self::UserName,
    ];

    /// Returns the kind's name as surrogates and people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Card => "CARD",
            Self::Iban => "IBAN",
            Self::Bic => "BIC",
            Self::Account => "ACCOUNT",
            Self::Wallet => "WALLET",
            Self::IpAddress => "IP_ADDRESS",
            Self::MacAddress => "MAC_ADDRESS",
            Self::Url => "URL",
            Self::Coordinates => "COORDINATES",
            Self::Vehicle => "VEHICLE",
            Self::DrivingLicence => "DRIVING_LICENCE",
            Self::Passport => "PASSPORT",
            Self::Ssn => "SSN",
            Self::NationalId => "NATIONAL_ID",
            Self::TaxId => "TAX_ID",
            Self::HealthId => "HEALTH_ID",
            Self::ApiKey => "API_KEY",
            Self::Password => "PASSWORD",
            Self::PrivateKey => "PRIVATE_KEY",
            Self::SecretUrl => "SECRET_URL",
            Self::Person => "PERSON",
            Self::Organisation => "ORGANISATION",
            Self::Place => "PLACE",
            Self::Address => "ADDRESS",
            Self::JobTitle => "JOB_TITLE",
            Self::Health => "HEALTH",
            Self::BirthDate => "BIRTH_DATE",
            Self::UserName => "USER_NAME",
            Self::Custom(own) => &own.name,
        }
    }

    /// Returns how sensitive text with such a thing in it is.
    pub fn sensitivity(self) -> Sensitivity {
        match self {
            Self::ApiKey | Self::Password | Self::PrivateKey | Self::SecretUrl => {
                Sensitivity::Secret
            }
            // Alone they point to nobody: the capital of a country is no secret.
            Self::Organisation | Self::Place | Self::JobTitle | Self::Url | Self::Bic => {
                Sensitivity::Public
            }
            Self::Custom(own) => own.labels.sensitivity,
            _ => Sensitivity::Confidential,
        }
    }

    /// Returns the labels that text with such a thing in it carries.
    pub fn labels(self) -> Labels {
        let labels = Labels::of(self.sensitivity());
        match self {
            Self::Custom(own) => own.labels.clone(),
            Self::Health => labels.within("health"),
            Self::HealthId => labels.within("health").within("pii"),
            _ => match labels.sensitivity {
                Sensitivity::Secret => labels.within("credentials"),
                Sensitivity::Confidential => labels.within("pii"),
                _ => labels,
            },
        }
    }

    /// Says whether such a thing is private by itself, or only beside one that is.
    pub fn is_private_alone(self) -> bool {
        self.sensitivity() > Sensitivity::Public
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_str().to_ascii_lowercase())
    }
}
