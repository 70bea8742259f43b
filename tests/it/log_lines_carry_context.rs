//! Each logged variable is on each line, in every format, regardless of the level and the span filter.

use propagate_context::{ContextVar, propagate_context, tracing::with_context};
use propagate_context_tests::{Output, members, with_default};
use tracing::{Instrument, Subscriber, error, info, info_span};
use tracing_subscriber::{EnvFilter, fmt, fmt::format::FmtSpan, layer::SubscriberExt};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
static PART: ContextVar<u32> = ContextVar::new("part").logged();
static SECRET: ContextVar<String> = ContextVar::new("secret");

/// Returns the lines that `run` logs in the context of a tenant and outside of it. `build` creates a subscriber around
/// a writer.
fn inside_and_outside<S, B>(build: B, run: fn()) -> (String, String)
where
    S: Subscriber + Send + Sync,
    B: FnOnce(fmt::writer::BoxMakeWriter) -> S,
{
    let output = Output::default();
    let writer = output.clone();
    let subscriber = build(fmt::writer::BoxMakeWriter::new(move || writer.clone()));
    with_default(subscriber, || {
        let inside = TENANT.sync_scope("acme".to_owned(), || {
            SECRET.sync_scope("hidden".to_owned(), run);
            output.take()
        });
        run();
        (inside, output.take())
    })
}

/// The same, with `tracing_subscriber::fmt()`, these options and `with_context`.
macro_rules! inside_and_outside {
    ([$($options:tt)*], $run:expr $(,)?) => {
        inside_and_outside(
            |writer| {
                fmt()
                    $($options)*
                    .with_writer(writer)
                    .map_event_format(with_context)
                    .finish()
            },
            $run,
        )
    };
}

fn log() {
    info!(items = 3, "placed");
}

#[test]
fn full_lines_have_variables_after_the_level() {
    let (inside, outside) = inside_and_outside!([.without_time().with_ansi(false)], log);
    assert_eq!(
        outside,
        " INFO it::log_lines_carry_context: placed items=3\n"
    );
    assert_eq!(inside, outside.replace("INFO ", "INFO tenant=acme "));
}

#[test]
fn compact_lines_have_variables_after_the_level() {
    let (inside, outside) = inside_and_outside!([.compact().without_time().with_ansi(false)], log);
    assert_eq!(inside, outside.replace("INFO ", "INFO tenant=acme "));
}

#[test]
fn pretty_has_variables_on_its_first_line() {
    let (inside, outside) = inside_and_outside!([.pretty().without_time().with_ansi(false)], log);
    assert!(outside.lines().count() > 1, "{outside}");
    assert_eq!(inside, outside.replace("INFO ", "INFO tenant=acme "));
}

#[test]
fn text_keeps_its_colors() {
    let (inside, outside) = inside_and_outside!([.without_time().with_ansi(true)], log);
    assert!(outside.contains("\x1b[32m INFO\x1b[0m"), "{outside:?}");
    let level = "INFO\x1b[0m ";
    let coloured = format!("{level}\x1b[2mtenant=\x1b[0macme ");
    assert_eq!(inside, outside.replace(level, &coloured));
}

#[test]
fn json_lines_start_with_variables() {
    let (inside, outside) = inside_and_outside!([.json().without_time()], log);
    assert!(outside.starts_with(r#"{"level":"INFO","#), "{outside}");
    assert_eq!(inside, format!(r#"{{"tenant":"acme",{}"#, &outside[1..]));
}

#[test]
fn works_in_a_registry() {
    let (inside, _) = inside_and_outside(
        |writer| {
            let layer = fmt::layer()
                .json()
                .with_writer(writer)
                .map_event_format(with_context);
            tracing_subscriber::registry().with(layer)
        },
        log,
    );
    assert_eq!(members(&inside)[0], ("tenant".to_owned(), "acme".into()));
}

#[test]
fn numbers_are_numbers_in_json() {
    let (inside, _) = inside_and_outside!([.json()], || PART.sync_scope(7, log),
    );
    assert!(
        members(&inside).contains(&("part".to_owned(), 7.into())),
        "{inside}"
    );
}

#[test]
fn no_span_is_needed() {
    for filter in ["error", "off,it=error"] {
        let (inside, outside) = inside_and_outside!([.json().without_time().with_env_filter(EnvFilter::new(filter))], || {
                let span = info_span!("request", request_id = "of the span");
                assert!(span.is_disabled());
                span.in_scope(|| error!("failed"));
                info!("filtered out");
            },
        );
        assert_eq!(
            outside,
            "{\"level\":\"ERROR\",\"fields\":{\"message\":\"failed\"},\"target\":\"it::log_lines_carry_context\"}\n"
        );
        assert_eq!(inside, format!(r#"{{"tenant":"acme",{}"#, &outside[1..]));
    }
}

#[test]
fn span_fields_are_unchanged() {
    let (inside, _) = inside_and_outside!([.json()], || info_span!("request", tenant = "of the span").in_scope(log),
    );
    let members = members(&inside);
    let tenants: Vec<_> = members
        .iter()
        .filter(|(name, _)| name == "tenant")
        .collect();
    assert_eq!(tenants, [&("tenant".to_owned(), "acme".into())]);
    let span = members.iter().find(|(name, _)| name == "span");
    assert_eq!(
        span.map(|(_, span)| &span["tenant"]),
        Some(&"of the span".into())
    );
}

#[test]
fn lines_about_spans_have_variables() {
    let (inside, _) = inside_and_outside!([.with_ansi(false).with_span_events(FmtSpan::FULL)], || info_span!("request").in_scope(|| ()),
    );
    assert_eq!(
        inside.lines().count(),
        4,
        "new, enter, exit, close: {inside}"
    );
    assert!(
        inside
            .lines()
            .all(|line| line.contains(" INFO tenant=acme ")),
        "{inside}"
    );
}

#[test]
fn a_value_that_is_set_later_is_on_the_next_line() {
    let (inside, _) = inside_and_outside!([.json()], || {
            log();
            PART.sync_scope(1, log);
            log();
        },
    );
    let with_part = inside
        .lines()
        .map(|line| members(line).iter().any(|(name, _)| name == "part"));
    assert_eq!(with_part.collect::<Vec<_>>(), [false, true, false]);
}

/// Returns the JSON lines that `future` logs at `error` in the context of a tenant, while no span exists.
fn errors_of<F: Future<Output = ()> + 'static>(future: fn() -> F) -> String {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = fmt()
        .json()
        .with_env_filter(EnvFilter::new("error"))
        .with_writer(move || writer.clone())
        .map_event_format(with_context)
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime can be built");
    with_default(subscriber, || {
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, TENANT.scope("acme".to_owned(), future()));
    });
    output.take()
}

#[test]
fn spawned_tasks_and_annotated_functions_need_no_span_either() {
    #[propagate_context]
    async fn handler() {
        async {
            error!("in the handler");
            let spawned = tokio::spawn(async { error!("in a task") });
            let local = tokio::task::spawn_local(helper());
            spawned.await.expect("it does not panic");
            local.await.expect("it does not panic");
        }
        .instrument(info_span!("request"))
        .await;
    }

    #[propagate_context]
    async fn helper() {
        tokio::task::yield_now().await;
        error!("in a helper");
    }

    let output = errors_of(handler);
    assert_eq!(output.lines().count(), 3, "{output}");
    for line in output.lines() {
        assert_eq!(
            members(line)[0],
            ("tenant".to_owned(), "acme".into()),
            "{line}"
        );
        assert!(!line.contains("span"), "{line}");
    }
}
