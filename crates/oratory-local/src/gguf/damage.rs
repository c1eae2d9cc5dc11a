//! What can be wrong with a model file, in words a person can act on.
//!
//! Says what the file claims and what was found; it does not look at files itself.

use std::path::PathBuf;

/// A model file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {damage}", path.display())]
pub struct GgufError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub damage: Damage,
}

impl GgufError {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        self.damage.hint()
    }
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// The file could not be read at all.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// Another kind of file.
    #[error("not a GGUF file: it begins with {found}, a GGUF file begins with \"GGUF\"")]
    WrongMagic {
        /// The first bytes, made printable.
        found: String,
    },
    /// A GGUF version this program does not know.
    #[error("GGUF version {0} is not supported; versions 2 and 3 are")]
    Version(u32),
    /// The file ends inside its header.
    #[error("cut short: the file ends at byte {size}, inside its header, while reading {what}")]
    TruncatedHeader {
        /// What was being read.
        what: String,
        /// Bytes in the file.
        size: u64,
    },
    /// The file ends inside its weights.
    #[error("cut short: tensor `{tensor}` needs {needs} bytes of data, the file has {has}")]
    TruncatedData {
        /// The first tensor that is not whole.
        tensor: String,
        /// Bytes of tensor data needed up to its end.
        needs: u64,
        /// Bytes of tensor data in the file.
        has: u64,
    },
    /// A number of things that cannot be in a file of this size.
    #[error("damaged: it claims {count} {what}, which a file of {size} bytes cannot hold")]
    Count {
        /// What is counted.
        what: &'static str,
        /// The claim.
        count: u64,
        /// Bytes in the file.
        size: u64,
    },
    /// A string longer than the file.
    #[error("damaged: {what} claims a length of {length} bytes in a file of {size}")]
    StringLength {
        /// Which string.
        what: String,
        /// The claim.
        length: u64,
        /// Bytes in the file.
        size: u64,
    },
    /// An array longer than the file.
    #[error("damaged: the array `{key}` claims {length} elements in a file of {size} bytes")]
    ArrayLength {
        /// The array's key.
        key: String,
        /// The claim.
        length: u64,
        /// Bytes in the file.
        size: u64,
    },
    /// A field of a type that does not exist.
    #[error("damaged: field `{key}` has the unknown type {found}")]
    FieldType {
        /// The field.
        key: String,
        /// The type's number.
        found: u32,
    },
    /// Bytes that should be text and are not.
    #[error("damaged: {0} is not text")]
    NotText(String),
    /// The same name twice.
    #[error("damaged: the {what} `{name}` appears twice")]
    Twice {
        /// A field or a tensor.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// An alignment that is not a power of two.
    #[error("damaged: the alignment {0} is not a power of two between 1 and 65536")]
    Alignment(u64),
    /// A tensor with too many dimensions, or a negative or overflowing size.
    #[error("damaged: tensor `{tensor}` has the impossible shape {shape}")]
    Shape {
        /// The tensor.
        tensor: String,
        /// Its dimensions as claimed.
        shape: String,
    },
    /// A tensor type this program does not know.
    #[error("tensor `{tensor}` has the unknown type {found}")]
    TensorType {
        /// The tensor.
        tensor: String,
        /// The type's number.
        found: u32,
    },
    /// A tensor that would begin after the end of the file.
    #[error(
        "damaged: tensor `{tensor}` begins at byte {offset} of the data, past its end at {has}"
    )]
    OffsetPastEnd {
        /// The tensor.
        tensor: String,
        /// Where it claims to begin.
        offset: u64,
        /// Bytes of tensor data in the file.
        has: u64,
    },
    /// A tensor that does not follow the one before it.
    #[error("damaged: tensor `{tensor}` begins at byte {offset} of the data, expected {expected}")]
    Offset {
        /// The tensor.
        tensor: String,
        /// Where it claims to begin.
        offset: u64,
        /// Where it should.
        expected: u64,
    },
    /// A number that a network cannot be computed with.
    #[error("damaged: `{key}` is {number}")]
    Float {
        /// The field.
        key: String,
        /// Its value.
        number: f64,
    },
    /// More experts used than there are, or none of those there are.
    #[error("damaged: it claims {experts} experts in a layer, of which a token uses {used}")]
    Experts {
        /// Experts in a layer.
        experts: u32,
        /// Those a token uses.
        used: u32,
    },
    /// More layers than any model has.
    #[error("damaged: it claims {0} layers; a model has between 1 and 512")]
    Blocks(u64),
}

impl Damage {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check that the file exists and that you may read it",
            Self::WrongMagic { .. } => {
                "name a .gguf file; if this was meant to be one, download it again"
            }
            Self::Version(0 | 1) => {
                "this file is too old; download a newer conversion of the model"
            }
            Self::Version(_) | Self::TensorType { .. } => {
                "update Oratory, or download another quantisation of the model, such as Q4_K_M"
            }
            Self::TruncatedHeader { .. } | Self::TruncatedData { .. } => {
                "the download did not finish; download the file again"
            }
            _ => "the file is damaged; delete it and download it again",
        }
    }
}
