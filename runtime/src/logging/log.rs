//! The logged variables as key-values of every record of the [`log`](::log) crate.
//!
//! Wrap the program's logger with one line in the setup ([`init`]):
//!
//! ```
//! # use propagate_context::ContextVar;
//! # struct YourLogger;
//! # impl log::Log for YourLogger {
//! #     fn enabled(&self, _: &log::Metadata<'_>) -> bool { true }
//! #     fn log(&self, record: &log::Record<'_>) {
//! #         let tenant = record.key_values().get("tenant".into()).unwrap();
//! #         assert_eq!(tenant.to_string(), "acme");
//! #     }
//! #     fn flush(&self) {}
//! # }
//! # fn main() -> Result<(), log::SetLoggerError> {
//! propagate_context::log::init(YourLogger, log::LevelFilter::Info)?;
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
//! TENANT.sync_scope("acme".to_owned(), || log::info!("welcome")); // with the key-value tenant=acme
//! # Ok(())
//! # }
//! ```
//!
//! With `env_logger`, which shows key-values if its feature `kv` is enabled:
//!
//! ```no_run
//! # fn main() -> Result<(), log::SetLoggerError> {
//! let logger = env_logger::builder().build();
//! let level = logger.filter();
//! propagate_context::log::init(logger, level)?;
//! // [2026-11-28T10:00:00Z INFO  shop] welcome tenant=acme
//! # Ok(())
//! # }
//! ```
//!
//! The variables are read when a record is created, on the thread that creates it. They come before the record's own
//! key-values. For a logger that does not show key-values, they can be put before the message
//! ([`WithContext::in_message`]).
//!
#![doc = include_str!("fields.md")]
//!
//! Most loggers write values without quotes, so that a value could pass for additional fields. Values and messages,
//! including the record's own, are therefore escaped and quoted as on a line of text. A logger that keeps key-values
//! separate, such as one that writes JSON, gets them without quotes after [`WithContext::structured`].

use std::fmt::{self, Display, Write as _};

use ::log::kv::{Error, Key, Source, Value, VisitSource};
use ::log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use crate::logging::fields::render::Style;
use crate::logging::fields::{
    Buffers, LineOptions, LoggedValue, Names, Syntax, of_event, placeholder_method,
};
use crate::var::value_kind::ValueKind;

/// Installs `logger` with the logged variables on its records, and sets `level` as the maximum level.
///
/// # Errors
///
/// Returns an error if a logger is already installed.
pub fn init(logger: impl Log + 'static, level: LevelFilter) -> Result<(), SetLoggerError> {
    with_context(logger).init(level)
}

/// Adds the logged variables to each record that `logger` receives: for loggers that are installed or combined in
/// another way than with [`init`].
///
/// ```
/// # fn your_logger() -> Box<dyn log::Log> { Box::new(log::logger()) }
/// let logger = propagate_context::log::with_context(your_logger());
/// # _ = logger;
/// ```
pub fn with_context<L: Log>(logger: L) -> WithContext<L> {
    WithContext {
        logger,
        options: LineOptions::default(),
        syntax: Syntax::Text,
        in_message: false,
    }
}

/// A logger that adds the logged variables to each record; made by [`with_context`].
#[derive(Clone, Debug)]
pub struct WithContext<L> {
    logger: L,
    options: LineOptions,
    /// [`Text`](Syntax::Text) or [`Pair`](Syntax::Pair).
    syntax: Syntax,
    in_message: bool,
}

impl<L: Log> WithContext<L> {
    /// For a logger that keeps key-values separate, such as one that writes JSON: values are not quoted, and messages
    /// and the record's own key-values are passed on unchanged.
    ///
    /// ```
    /// # struct JsonLogger;
    /// # impl log::Log for JsonLogger {
    /// #     fn enabled(&self, _: &log::Metadata<'_>) -> bool { true }
    /// #     fn log(&self, _: &log::Record<'_>) {}
    /// #     fn flush(&self) {}
    /// # }
    /// # fn main() -> Result<(), log::SetLoggerError> {
    /// propagate_context::log::with_context(JsonLogger).structured().init(log::LevelFilter::Info)
    /// # }
    /// ```
    #[must_use]
    pub fn structured(mut self) -> Self {
        self.syntax = Syntax::Pair;
        self
    }

    /// For a logger that does not show key-values: puts the variables before the message, as in `tenant=acme welcome`.
    ///
    /// ```
    /// # struct PlainLogger;
    /// # impl log::Log for PlainLogger {
    /// #     fn enabled(&self, _: &log::Metadata<'_>) -> bool { true }
    /// #     fn log(&self, _: &log::Record<'_>) {}
    /// #     fn flush(&self) {}
    /// # }
    /// # fn main() -> Result<(), log::SetLoggerError> {
    /// propagate_context::log::with_context(PlainLogger).in_message().init(log::LevelFilter::Info)
    /// # }
    /// ```
    #[must_use]
    pub fn in_message(mut self) -> Self {
        self.in_message = true;
        self.syntax = Syntax::Text;
        self
    }

    placeholder_method! {
        /// Shows `text` on each record where `variable` is not set.
        ///
        /// ```
        /// # struct YourLogger;
        /// # impl log::Log for YourLogger {
        /// #     fn enabled(&self, _: &log::Metadata<'_>) -> bool { true }
        /// #     fn log(&self, _: &log::Record<'_>) {}
        /// #     fn flush(&self) {}
        /// # }
        /// # fn main() -> Result<(), log::SetLoggerError> {
        /// use propagate_context::{REQUEST_ID, log::with_context};
        ///
        /// with_context(YourLogger).placeholder(&REQUEST_ID, "-").init(log::LevelFilter::Info)
        /// # }
        /// ```
    }

    /// Installs the logger, and sets `level` as the maximum level.
    ///
    /// # Errors
    ///
    /// Returns an error if a logger is already installed.
    pub fn init(self, level: LevelFilter) -> Result<(), SetLoggerError>
    where
        L: 'static,
    {
        ::log::set_boxed_logger(Box::new(self))?;
        ::log::set_max_level(level);
        Ok(())
    }
}

impl<L: Log> Log for WithContext<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.logger.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.logger.enabled(record.metadata()) {
            return;
        }
        Buffers::with(|buffers| {
            buffers.render(self.syntax, &self.options, Style::PLAIN);
            let is_text = self.syntax == Syntax::Text;
            if buffers.names.is_empty() && !is_text {
                return self.logger.log(record);
            }
            let own = record.key_values();
            let pairs = Pairs {
                changed: changed(own, &buffers.names, is_text),
                buffers: (!self.in_message).then_some(buffers),
                own,
            };
            let prefix = if self.in_message {
                &*buffers.fields
            } else {
                ""
            };
            let mut with_context = record.to_builder();
            with_context.key_values(&pairs);
            let args = record.args();
            if is_text {
                let args = OnOneLine(args);
                // A single expression, because before Rust 1.89 the arguments of a `let` do not outlive the statement.
                self.logger
                    .log(&with_context.args(format_args!("{prefix}{args}")).build());
            } else {
                self.logger.log(&with_context.build());
            }
        });
    }

    fn flush(&self) {
        self.logger.flush();
    }
}

/// A message with its line ends and other control characters escaped.
struct OnOneLine<'a>(&'a fmt::Arguments<'a>);

impl Display for OnOneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Escaping<'a, 'b>(&'a mut fmt::Formatter<'b>);

        impl fmt::Write for Escaping<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                if Syntax::Message.is_plain(text) {
                    return self.0.write_str(text);
                }
                let mut escaped = String::with_capacity(text.len());
                Syntax::Message.escape(text, &mut escaped);
                self.0.write_str(&escaped)
            }
        }

        Escaping(f).write_fmt(*self.0)
    }
}

/// The variables, then the record's own key-values.
struct Pairs<'a> {
    /// The rendered variables, unless they are in the message.
    buffers: Option<&'a Buffers>,
    own: &'a dyn Source,
    /// The record's own key-values that are not shown unchanged.
    changed: Vec<Changed>,
}

/// A key-value of the record that is shown in another form.
struct Changed {
    name: String,
    key: ShownKey,
    /// The quoted value, if it is text that could pass for something else.
    value: Option<String>,
}

/// The form in which a key of the record is shown.
enum ShownKey {
    Same,
    /// The key could pass for something else, and is escaped.
    Escaped(String),
    /// The key has the name of a variable, and is renamed.
    Other(String),
    /// The key has the name of a variable, and the other name is taken.
    Dropped,
}

/// Computes [`Pairs::changed`] for `own`, which is usually empty.
fn changed(own: &dyn Source, names: &Names, is_text: bool) -> Vec<Changed> {
    struct Collect<'a> {
        names: &'a Names,
        is_text: bool,
        changed: Vec<Changed>,
    }

    impl<'kvs> VisitSource<'kvs> for Collect<'_> {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            let name = key.as_str();
            let mut key = ShownKey::Same;
            let mut quoted = None;
            if self.is_text {
                let mut written = String::new();
                Syntax::Text.push_text(name, &mut written);
                if written != name {
                    key = ShownKey::Escaped(written);
                }
                let shown = value.to_string();
                let mut written = String::new();
                Syntax::Text.push_text(&shown, &mut written);
                quoted = (written != shown).then_some(written);
            }
            if self.names.contains(name) {
                key = ShownKey::Other(of_event(name));
            }
            if quoted.is_some() || !matches!(key, ShownKey::Same) {
                self.changed.push(Changed {
                    name: name.to_owned(),
                    key,
                    value: quoted,
                });
            }
            Ok(())
        }
    }

    let mut collect = Collect {
        names,
        is_text,
        changed: Vec::new(),
    };
    // Nothing here fails. A source that fails does so again when the logger reads it.
    _ = own.visit(&mut collect);
    for Changed { key, .. } in &mut collect.changed {
        let is_taken =
            |other: &String| names.contains(other) || own.get(Key::from_str(other)).is_some();
        if matches!(key, ShownKey::Other(other) if is_taken(other)) {
            *key = ShownKey::Dropped;
        }
    }
    collect.changed
}

impl Source for Pairs<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        if let Some(Buffers {
            names,
            fields,
            values,
            ..
        }) = self.buffers
        {
            for (name, value) in names.iter().zip(values) {
                let value = typed(value.text(fields), value.kind);
                visitor.visit_pair(Key::from_str(name), value)?;
            }
        }
        self.own.visit(&mut Changing {
            visitor,
            changed: &self.changed,
        })
    }
}

/// Converts a value to its type, for loggers that distinguish types.
fn typed(text: &str, kind: ValueKind) -> Value<'_> {
    let typed = match LoggedValue::of(text, kind) {
        LoggedValue::Str(text) => return Value::from(text),
        LoggedValue::Int(value) => Value::from(value),
        LoggedValue::Uint(value) => Value::from(value),
        LoggedValue::Float(value) => Value::from(value),
        LoggedValue::Bool(value) => Value::from(value),
    };
    // A number of 128 bits is passed on as a string, so that it is shown exactly.
    if typed.to_string() == text {
        typed
    } else {
        Value::from(text)
    }
}

/// Passes on the record's own key-values, with the changes.
struct Changing<'a, 'kvs> {
    visitor: &'a mut dyn VisitSource<'kvs>,
    changed: &'kvs [Changed],
}

impl<'kvs> VisitSource<'kvs> for Changing<'_, 'kvs> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let changed = self.changed.iter().find(|own| own.name == key.as_str());
        let Some(changed) = changed else {
            return self.visitor.visit_pair(key, value);
        };
        let key = match &changed.key {
            ShownKey::Same => key,
            ShownKey::Escaped(other) | ShownKey::Other(other) => Key::from_str(other),
            ShownKey::Dropped => return Ok(()),
        };
        let value = changed.value.as_deref().map_or(value, Value::from);
        self.visitor.visit_pair(key, value)
    }
}
