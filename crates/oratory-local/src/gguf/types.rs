//! The tensor types a GGUF file may hold and how many bytes they take.
//!
//! Mirrors `ggml.h` of the pinned llama.cpp; it does not convert anything.

/// How one type stores numbers: `elements` of them in `bytes` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) elements: u64,
    pub(super) bytes: u64,
}

/// The tensor types that are written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 32-bit floats.
    F32 = 0,
    /// 16-bit floats.
    F16 = 1,
    /// 4 bits, one scale for 32.
    Q4_0 = 2,
    /// 5 bits, one scale for 32.
    Q5_0 = 6,
    /// 5 bits, a scale and a least value for 32.
    Q5_1 = 7,
    /// 8 bits, one scale for 32.
    Q8_0 = 8,
    /// 4 bits in blocks of 256.
    Q4K = 12,
    /// 5 bits in blocks of 256.
    Q5K = 13,
    /// 6 bits in blocks of 256.
    Q6K = 14,
    /// 4-bit floats, one exponent for 32.
    Mxfp4 = 39,
}

impl Kind {
    pub(super) fn number(self) -> u32 {
        self as u32
    }

    fn block(self) -> Block {
        block(self.number()).expect("every kind is in the table")
    }

    /// Returns how many numbers are stored together.
    pub fn block_elements(self) -> u64 {
        self.block().elements
    }

    /// Returns the bytes of one block.
    pub fn block_bytes(self) -> u64 {
        self.block().bytes
    }

    /// Returns the bytes that this many numbers take.
    pub fn bytes(self, elements: u64) -> u64 {
        elements / self.block_elements() * self.block_bytes()
    }
}

/// Returns how the tensor type with this number stores its elements; `None` if it is unknown.
pub(super) fn block(number: u32) -> Option<Block> {
    let (elements, bytes) = match number {
        0 | 26 => (1, 4),      // F32, I32
        1 | 25 | 30 => (1, 2), // F16, I16, BF16
        2 => (32, 18),         // Q4_0
        3 => (32, 20),         // Q4_1
        6 => (32, 22),         // Q5_0
        7 => (32, 24),         // Q5_1
        8 => (32, 34),         // Q8_0
        9 => (32, 36),         // Q8_1
        10 => (256, 84),       // Q2_K
        11 => (256, 110),      // Q3_K
        12 => (256, 144),      // Q4_K
        13 => (256, 176),      // Q5_K
        14 => (256, 210),      // Q6_K
        15 => (256, 292),      // Q8_K
        16 => (256, 66),       // IQ2_XXS
        17 => (256, 74),       // IQ2_XS
        18 => (256, 98),       // IQ3_XXS
        19 => (256, 50),       // IQ1_S
        20 => (32, 18),        // IQ4_NL
        21 => (256, 110),      // IQ3_S
        22 => (256, 82),       // IQ2_S
        23 => (256, 136),      // IQ4_XS
        24 => (1, 1),          // I8
        27 | 28 => (1, 8),     // I64, F64
        29 => (256, 56),       // IQ1_M
        34 => (256, 54),       // TQ1_0
        35 => (256, 66),       // TQ2_0
        39 => (32, 17),        // MXFP4
        40 => (64, 36),        // NVFP4
        41 => (128, 18),       // Q1_0
        42 => (64, 18),        // Q2_0
        _ => return None,
    };
    Some(Block { elements, bytes })
}

/// Returns the usual name of a `general.file_type` number.
pub(super) fn file_type(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        19 => "IQ2_XXS",
        20 => "IQ2_XS",
        21 => "Q2_K_S",
        22 => "IQ3_XS",
        23 => "IQ3_XXS",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        26 => "IQ3_S",
        27 => "IQ3_M",
        28 => "IQ2_S",
        29 => "IQ2_M",
        30 => "IQ4_XS",
        31 => "IQ1_M",
        32 => "BF16",
        36 => "TQ1_0",
        37 => "TQ2_0",
        38 => "MXFP4",
        39 => "NVFP4",
        40 => "Q1_0",
        41 => "Q2_0",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wrong size here would call a good file cut short, so compare with the engine's own.
    #[test]
    fn sizes_are_those_of_the_engine() {
        for number in 0..43 {
            // SAFETY: both functions only read a constant table, and the number is inside it.
            let (elements, bytes) = unsafe {
                (llama_cpp_sys_2::ggml_blck_size(number), llama_cpp_sys_2::ggml_type_size(number))
            };
            let theirs =
                (elements > 0).then_some(Block { elements: elements as u64, bytes: bytes as u64 });
            assert_eq!(block(number), theirs, "type {number}");
        }
    }
}
