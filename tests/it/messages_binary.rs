//! A context in the payload of a format that is not self-describing.

use propagate_context::{ContextMap, ContextVar, Propagator};
use serde::Deserialize as _;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

/// A map of strings in a format that does not describe its types.
struct Binary(Vec<(&'static str, &'static str)>);

struct Text(&'static str);

impl<'de> Deserializer<'de> for Binary {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("the format is not self-describing"))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.0.into_iter();
        visitor.visit_map(MapDeserializer::new(
            entries.map(|(key, value)| (Text(key), Text(value))),
        ))
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct struct enum identifier ignored_any
    }
}

impl<'de> Deserializer<'de> for Text {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("the format is not self-describing"))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[test]
fn a_map_is_deserialized_only_as_strings() {
    let payload = Binary(vec![("x-tenant", "acme"), ("x-other", "b")]);
    let map = ContextMap::deserialize(payload).unwrap();
    assert_eq!(map.iter().count(), 2);
    let context = Propagator::new().with_variable(&TENANT).extract(&map);
    assert_eq!(context.get(&TENANT).as_deref(), Some("acme"));
}
