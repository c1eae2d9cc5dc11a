//! The models that come with Oratory, tested through what they promise.

mod embed;
