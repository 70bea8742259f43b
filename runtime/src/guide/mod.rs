//! The guide: concepts, set-up for each framework and subscriber, recipes.
//!
//! The reference is with the items themselves; this is for reading. Every example compiles, and runs where it can.
//!
//! | chapter | about |
//! | --- | --- |
//! | [`concepts`] | scopes, snapshots, entries, carriers, and one request from end to end |
//! | [`frameworks`] | axum, actix-web, poem, tonic, plain tower services, and what others need |
//! | [`logs`] | each subscriber and logger, and lines of your own |
//! | [`spawning`] | which functions need an attribute; pools, rayon, actors, streams, background workers |
//! | [`messages`] | channels, brokers, job tables, batches, cron |
//! | [`recipes`] | caches, connection pools, broadcast channels, subscriptions, access logs |
//! | [`outbound`] | clients, and which hosts may see what |
//! | [`testing`] | unit tests of handlers, and of what they log |
//! | [`existing_ids`] | a service that already has an id on its lines: replacing it without two of them |
//! | [`adopting`] | an hour in a large code base |
//! | [`python`] | FastAPI, `contextvars` and Loguru, and the same program here |
//! | [`coming_from`] | tables for tokio's task-locals, `#[instrument]`, tower-http, tracing-actix-web, OpenTelemetry, Go, Java, .NET |
//! | [`limits`] | what is not inherited, why, and what to do instead |
//! | [`performance`] | the overhead of a poll, a call, a read and a line |
//! | [`versions`] | supported versions, and which may change when |
//! | [`troubleshooting`] | symptoms and what to do |

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
