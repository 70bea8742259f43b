//! The guide: concepts, setup for each framework and subscriber, recipes.
//!
//! The reference documentation is on the items themselves. All examples compile, and run if possible.
//!
//! | chapter | about |
//! | --- | --- |
//! | [`concepts`] | scopes, snapshots, entries, carriers, and one request from end to end |
//! | [`frameworks`] | axum, actix-web, poem, tonic, plain tower services, and other frameworks |
//! | [`logs`] | each subscriber and logger, and your own formatters |
//! | [`spawning`] | which functions need an attribute; pools, rayon, actors, streams, background workers |
//! | [`messages`] | channels, brokers, job tables, batches, cron |
//! | [`recipes`] | caches, connection pools, broadcast channels, subscriptions, access logs |
//! | [`outbound`] | clients, and which hosts receive which values |
//! | [`testing`] | unit tests of handlers and of their log lines |
//! | [`existing_ids`] | replacing an id that is already on the log lines |
//! | [`adopting`] | adopting the crate in a large code base |
//! | [`python`] | FastAPI, `contextvars` and Loguru, and the equivalent programs with this crate |
//! | [`coming_from`] | tables for tokio's task-locals, `#[instrument]`, tower-http, tracing-actix-web, OpenTelemetry, Go, Java, .NET |
//! | [`limits`] | what is not inherited, why, and what to do instead |
//! | [`performance`] | the overhead of a poll, a call, a read and a log line |
//! | [`versions`] | supported versions, and when they may change |
//! | [`troubleshooting`] | symptoms and solutions |

macro_rules! chapters {
    ($($name:ident: $file:literal;)*) => {$(
        #[doc = include_str!($file)]
        pub mod $name {}
    )*};
}

/// Variables, contexts, scopes, entries and carriers.
///
/// <div style="max-width: 1000px">
#[doc = include_str!("flow.svg")]
/// </div>
#[doc = ""]
#[doc = include_str!("concepts.md")]
pub mod concepts {}

chapters! {
    frameworks: "frameworks.md";
    logs: "logs.md";
    spawning: "spawning.md";
    messages: "messages.md";
    recipes: "recipes.md";
    outbound: "outbound.md";
    testing: "testing.md";
    existing_ids: "existing_ids.md";
    adopting: "adopting.md";
    python: "python.md";
    coming_from: "coming_from.md";
    limits: "limits.md";
    performance: "performance.md";
    versions: "versions.md";
    troubleshooting: "troubleshooting.md";
}
