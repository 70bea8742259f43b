//! Helpers that the tests share: a Sentry client for the whole process, with a transport that records the envelopes.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::sync::Arc;

use propagate_context::{Context, ContextVar, InContext, REQUEST_ID, RequestId};
use sentry::protocol::{EnvelopeItem, Event, ItemContainer, Log, Transaction};
use sentry::test::TestTransport;
use sentry::{ClientInitGuard, ClientOptions};

pub static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();

/// Runs `future` with an id and a tenant, as in a request.
pub fn in_request<F>(id: &str, tenant: &str, future: F) -> InContext<F> {
    context(id, tenant).scope(future)
}

pub fn context(id: &str, tenant: &str) -> Context {
    let id: RequestId = id.parse().unwrap();
    Context::empty()
        .with(&REQUEST_ID, id)
        .with(&TENANT, tenant.to_owned())
}

pub struct Sentry {
    transport: Arc<TestTransport>,
    guard: ClientInitGuard,
}

impl Sentry {
    pub fn new(options: ClientOptions) -> Self {
        let transport = TestTransport::new();
        let mut options = options
            .dsn("https://public@localhost/1")
            .traces_sample_rate(1.0);
        options.transport = Some(Arc::new(transport.clone()));
        let guard = sentry::init(propagate_context_sentry::with_context(options));
        Self { transport, guard }
    }

    fn items(&self) -> Vec<EnvelopeItem> {
        self.guard.flush(None);
        self.transport
            .fetch_and_clear_envelopes()
            .iter()
            .flat_map(|envelope| envelope.items().cloned().collect::<Vec<_>>())
            .collect()
    }

    pub fn events(&self) -> Vec<Event<'static>> {
        let event = |item| match item {
            EnvelopeItem::Event(event) => Some(*event),
            _ => None,
        };
        self.items().into_iter().filter_map(event).collect()
    }

    pub fn transactions(&self) -> Vec<Transaction<'static>> {
        let transaction = |item| match item {
            EnvelopeItem::Transaction(transaction) => Some(*transaction),
            _ => None,
        };
        self.items().into_iter().filter_map(transaction).collect()
    }

    pub fn logs(&self) -> Vec<Log> {
        let logs = |item| match item {
            EnvelopeItem::ItemContainer(ItemContainer::Logs(logs)) => logs,
            _ => Vec::new(),
        };
        self.items().into_iter().flat_map(logs).collect()
    }
}
