//! What a made model says: sentences, ways to put each, and how it ends.
//!
//! Only the text and the model's size; turning it into weights is `weights`' work.

/// What a made model says, and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// One sentence on each line, its wordings parted by ` | `; the first is the likeliest.
    pub text: String,
    /// Whether the model stops after the last line, or begins again on a new line.
    pub ends: bool,
    /// The least width of the network; it grows to hold the story.
    pub width: u32,
    /// Layers. They do nothing but cost time, which is what tests of slow models need.
    pub layers: u32,
    /// Tokens the model holds at once.
    pub context: u32,
}

impl Default for Story {
    /// Returns what the built-in model says.
    fn default() -> Self {
        Self {
            text: include_str!("told.txt").to_owned(),
            ends: true,
            width: 32,
            layers: 1,
            context: 2048,
        }
    }
}
