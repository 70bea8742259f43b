//! The logged variables as key-values of every record of the [`log`](::log) crate.
//!
//! One line in the set-up, around whatever logger a program has ([`init`]):
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
//! With `env_logger`, which shows key-values with its feature `kv`:
//!
//! ```text
//! let logger = env_logger::builder().build();
//! let level = logger.filter();
//! propagate_context::log::init(logger, level)?;
//! ```
//!
//! The variables are read when a record is made and on the thread where it is made. They come in front of the
//! record's own key-values.
//!
#![doc = include_str!("fields.md")]
//!
//! In key-values the logger puts the quotes, so that a value has none here.

use ::log::kv::{Error, Key, Source, Value, VisitSource};
use ::log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use crate::logging::fields::{Buffers, Names, Syntax, of_event};

/// Installs `logger` with the logged variables on its records, and lets records up to `level` reach it.
///
/// # Errors
///
/// If the program has a logger already.
pub fn init(logger: impl Log + 'static, level: LevelFilter) -> Result<(), SetLoggerError> {
    ::log::set_boxed_logger(Box::new(with_context(logger)))?;
    ::log::set_max_level(level);
    Ok(())
}

/// Adds the logged variables to each record that `logger` gets: for loggers that are installed or combined otherwise.
///
/// ```
/// # fn your_logger() -> Box<dyn log::Log> { Box::new(log::logger()) }
/// let logger = propagate_context::log::with_context(your_logger());
/// # _ = logger;
/// ```
pub fn with_context<L: Log>(logger: L) -> WithContext<L> {
    WithContext { logger }
}

/// A logger whose records have the logged variables; made by [`with_context`].
#[derive(Clone, Copy, Debug, Default)]
pub struct WithContext<L> {
    logger: L,
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
            let Buffers {
                names,
                fields,
                ends,
                ..
            } = buffers;
            crate::visit_logged(|name, value| {
                names.take(name);
                Syntax::Pair.push_value(value, fields);
                ends.push(fields.len());
            });
            if names.is_empty() {
                return self.logger.log(record);
            }
            let own = record.key_values();
            let pairs = Pairs {
                renamed: renamed(own, names),
                buffers,
                own,
            };
            self.logger
                .log(&record.to_builder().key_values(&pairs).build());
        });
    }

    fn flush(&self) {
        self.logger.flush();
    }
}

/// The variables, then the record's own key-values.
struct Pairs<'a> {
    buffers: &'a Buffers,
    own: &'a dyn Source,
    /// Keys of the record that are names of variables, each with the name that it gets instead, if that is free.
    renamed: Vec<(String, Option<String>)>,
}

/// What [`Pairs::renamed`] is for `own`: mostly nothing.
fn renamed(own: &dyn Source, names: &Names) -> Vec<(String, Option<String>)> {
    struct Clashes<'a>(&'a Names, Vec<String>);

    impl<'kvs> VisitSource<'kvs> for Clashes<'_> {
        fn visit_pair(&mut self, key: Key<'kvs>, _: Value<'kvs>) -> Result<(), Error> {
            if self.0.contains(key.as_str()) {
                self.1.push(key.as_str().to_owned());
            }
            Ok(())
        }
    }

    let mut clashes = Clashes(names, Vec::new());
    // Nothing here fails; where a source fails it does so again when the logger asks it.
    _ = own.visit(&mut clashes);
    let rename = |name: String| {
        let other = of_event(&name);
        let is_free = !names.contains(&other) && own.get(Key::from_str(&other)).is_none();
        (name, is_free.then_some(other))
    };
    clashes.1.into_iter().map(rename).collect()
}

impl Source for Pairs<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        let Buffers {
            names,
            fields,
            ends,
            ..
        } = self.buffers;
        let mut start = 0;
        for (name, &end) in names.iter().zip(ends) {
            visitor.visit_pair(Key::from_str(name), Value::from(&fields[start..end]))?;
            start = end;
        }
        self.own.visit(&mut Renaming {
            visitor,
            renamed: &self.renamed,
        })
    }
}

/// Hands the record's own key-values on under names that are not a variable's.
struct Renaming<'a, 'kvs> {
    visitor: &'a mut dyn VisitSource<'kvs>,
    renamed: &'kvs [(String, Option<String>)],
}

impl<'kvs> VisitSource<'kvs> for Renaming<'_, 'kvs> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        match self.renamed.iter().find(|(name, _)| name == key.as_str()) {
            None => self.visitor.visit_pair(key, value),
            Some((_, Some(other))) => self.visitor.visit_pair(Key::from_str(other), value),
            Some((_, None)) => Ok(()),
        }
    }
}
