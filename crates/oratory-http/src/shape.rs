//! How the fields that clients write in several ways look in a JSON schema.
//!
//! Types that serde derives describe themselves; these are the others.

/// Says in a schema how a value of a type is written.
///
/// What a schema has parts of comes from the generator it names: `written!(Type, |it| { … })`.
macro_rules! written {
    ($type:ty, |$generator:ident| $($schema:tt)+) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)+)
            }
        }
    };
    ($type:ty, $($schema:tt)+) => {
        $crate::shape::written!($type, |_it| $($schema)+);
    };
}

pub(crate) use written;
