//! The attributes of other crates above and below `#[propagate_context]`. "First" is the order that the documentation
//! recommends.

use std::collections::HashMap;

use propagate_context::{ContextVar, REQUEST_ID, context_entry, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

async fn spawned() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

/// Returns the request id that a task inherits, or `-`.
async fn request_id() -> String {
    let read = || {
        REQUEST_ID
            .get()
            .map_or_else(|| "-".to_owned(), |id| id.to_string())
    };
    tokio::spawn(propagate_context::Propagate::in_current_context(
        async move { read() },
    ))
    .await
    .unwrap()
}

fn message() -> HashMap<String, String> {
    HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())])
}

mod with_async_recursion {
    use async_recursion::async_recursion;

    use super::*;

    #[async_recursion]
    #[propagate_context]
    async fn above(n: u32) -> Option<u32> {
        if n > 0 {
            return above(n - 1).await;
        }
        tokio::spawn(spawned()).await.unwrap()
    }

    #[propagate_context]
    #[async_recursion]
    async fn below(n: u32) -> Option<u32> {
        if n > 0 {
            return below(n - 1).await;
        }
        tokio::spawn(spawned()).await.unwrap()
    }

    #[async_recursion]
    #[context_entry(carrier = message)]
    async fn entry_below(message: HashMap<String, String>, n: u32) -> String {
        if n > 0 {
            return entry_below(message, n - 1).await;
        }
        tokio::spawn(async { request_id().await }).await.unwrap()
    }

    #[context_entry(carrier = message)]
    #[async_recursion]
    async fn entry(message: HashMap<String, String>, n: u32) -> String {
        if n > 0 {
            return entry(message, n - 1).await;
        }
        tokio::spawn(async { request_id().await }).await.unwrap()
    }

    #[tokio::test]
    async fn both_orders() {
        assert_eq!(ID.scope(7, above(2)).await, Some(7));
        assert_eq!(ID.scope(7, below(2)).await, Some(7));
        assert_eq!(entry_below(message(), 2).await, "order-7");
        assert_eq!(entry(message(), 2).await, "order-7");
    }
}

mod with_rstest {
    use rstest::rstest;

    use super::*;

    #[propagate_context]
    #[rstest]
    #[case(1)]
    #[case(2)]
    #[tokio::test]
    async fn first(#[case] n: u32) {
        ID.set(n);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(n));
    }

    // The body moves to a function without the attribute, so its spawns are not rewritten.
    #[rstest]
    #[case(1)]
    #[propagate_context]
    #[tokio::test]
    async fn second(#[case] n: u32) {
        ID.set(n);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), None);
    }

    #[context_entry(carrier = message())]
    #[rstest]
    #[case(1)]
    #[tokio::test]
    async fn entry_first(#[case] n: u32) {
        assert_eq!(
            tokio::spawn(async { request_id().await }).await.unwrap(),
            "order-7"
        );
        assert_eq!(n, 1);
    }
}

mod with_test_case {
    use test_case::test_case;

    use super::*;

    #[propagate_context]
    #[test_case(1)]
    #[test_case(2)]
    #[tokio::test]
    async fn first(n: u32) {
        ID.set(n);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(n));
    }

    // The body moves to a function without the attribute, so its spawns are not rewritten.
    #[test_case(1)]
    #[propagate_context]
    #[tokio::test]
    async fn second(n: u32) {
        ID.set(n);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), None);
    }
}

mod with_serial_test {
    use serial_test::serial;

    use super::*;

    #[propagate_context]
    #[tokio::test]
    #[serial]
    async fn first() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }

    #[tokio::test]
    #[propagate_context]
    #[serial]
    async fn before_serial() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }

    // The body moves to a function without the attribute, so its spawns are not rewritten.
    #[serial]
    #[propagate_context]
    #[tokio::test]
    async fn second() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), None);
    }

    // A body that is not async is not moved.
    #[serial]
    #[propagate_context]
    #[test]
    fn second_not_async() {
        ID.set(7);
        assert_eq!(std::thread::spawn(|| ID.get()).join().unwrap(), Some(7));
    }

    #[context_entry(carrier = message())]
    #[tokio::test]
    #[serial]
    async fn entry_first() {
        assert_eq!(
            tokio::spawn(async { request_id().await }).await.unwrap(),
            "order-7"
        );
    }
}

mod with_cached {
    use cached::proc_macro::cached;

    use super::*;

    #[propagate_context]
    #[cached]
    async fn first(n: u32) -> (u32, Option<u32>) {
        (n, tokio::spawn(spawned()).await.unwrap())
    }

    // The body moves to a function without the attribute, so its spawns are not rewritten.
    #[cached]
    #[propagate_context]
    async fn second(n: u32) -> (u32, Option<u32>) {
        (n, tokio::spawn(spawned()).await.unwrap())
    }

    #[context_entry(carrier = message)]
    #[cached(key = "u32", convert = "{ n }")]
    async fn entry(message: HashMap<String, String>, n: u32) -> (u32, String) {
        (
            n + u32::from(message.is_empty()),
            tokio::spawn(async { request_id().await }).await.unwrap(),
        )
    }

    #[context_entry]
    #[cached]
    async fn handler(n: u32) -> (u32, bool) {
        (
            n,
            tokio::spawn(async { request_id().await }).await.unwrap() != "-",
        )
    }

    #[tokio::test]
    async fn first_order() {
        assert_eq!(ID.scope(7, first(1)).await, (1, Some(7)));
        // The context is that of the first caller, because a cache outlives a request.
        assert_eq!(ID.scope(8, first(1)).await, (1, Some(7)));
        assert_eq!(ID.scope(7, second(1)).await, (1, None));
        assert_eq!(entry(message(), 1).await, (1, "order-7".to_owned()));
        assert_eq!(handler(1.into()).await, (1, true));
    }
}

mod with_mockall {
    use super::*;

    // "First" would be below. But `#[automock]` copies the attribute to the generated struct, and from a method to an
    // expression, and neither of these compiles.
    #[propagate_context]
    #[mockall::automock]
    trait Shop {
        fn price(&self, n: u32) -> u32;

        fn spawns(&self) -> Option<u32> {
            std::thread::spawn(|| ID.get()).join().unwrap()
        }
    }

    struct Real;

    #[propagate_context]
    impl Shop for Real {
        fn price(&self, n: u32) -> u32 {
            std::thread::spawn(move || n + ID.get().unwrap_or_default())
                .join()
                .unwrap()
        }
    }

    #[test]
    fn on_the_implementation() {
        assert_eq!(ID.sync_scope(7, || Real.price(1)), 8);
        assert_eq!(ID.sync_scope(7, || Real.spawns()), Some(7));
        let mut mock = MockShop::new();
        mock.expect_price().return_const(3u32);
        assert_eq!(mock.price(1), 3);
    }
}

mod with_fastrace {
    use super::*;

    #[fastrace::trace]
    #[propagate_context]
    async fn above() -> Option<u32> {
        tokio::spawn(spawned()).await.unwrap()
    }

    #[propagate_context]
    #[fastrace::trace]
    async fn below() -> Option<u32> {
        tokio::spawn(spawned()).await.unwrap()
    }

    #[propagate_context]
    #[fastrace::trace]
    fn boxed() -> futures::future::BoxFuture<'static, Option<u32>> {
        Box::pin(async move { tokio::spawn(spawned()).await.unwrap() })
    }

    #[fastrace::trace]
    #[context_entry(carrier = message)]
    async fn entry_below(message: HashMap<String, String>) -> String {
        tokio::spawn(async { request_id().await }).await.unwrap()
    }

    #[context_entry(carrier = message)]
    #[fastrace::trace]
    async fn entry(message: HashMap<String, String>) -> String {
        tokio::spawn(async { request_id().await }).await.unwrap()
    }

    #[tokio::test]
    async fn both_orders() {
        assert_eq!(ID.scope(7, above()).await, Some(7));
        assert_eq!(ID.scope(7, below()).await, Some(7));
        assert_eq!(ID.sync_scope(7, boxed).await, Some(7));
        assert_eq!(entry_below(message()).await, "order-7");
        assert_eq!(entry(message()).await, "order-7");
    }
}

mod with_utoipa {
    use axum::extract::Path;
    use utoipa::OpenApi as _;

    use super::*;

    /// Above.
    #[utoipa::path(get, path = "/above/{number}", responses((status = 200, body = String)))]
    #[context_entry]
    async fn above(Path(number): Path<u32>) -> String {
        format!("{number} {}", request_id().await)
    }

    /// Below.
    #[context_entry]
    #[utoipa::path(get, path = "/below/{number}", responses((status = 200, body = String)))]
    async fn below(Path(number): Path<u32>) -> String {
        format!("{number} {}", request_id().await)
    }

    #[utoipa::path(get, path = "/inherits_above", responses((status = 200, body = String)))]
    #[propagate_context]
    async fn inherits_above() -> String {
        format!("{:?}", tokio::spawn(spawned()).await.unwrap())
    }

    #[propagate_context]
    #[utoipa::path(get, path = "/inherits_below", responses((status = 200, body = String)))]
    async fn inherits_below() -> String {
        format!("{:?}", tokio::spawn(spawned()).await.unwrap())
    }

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(above, below, inherits_above, inherits_below))]
    struct Api;

    #[tokio::test]
    async fn both_orders() {
        let api = Api::openapi();
        for path in ["/above/{number}", "/below/{number}"] {
            let operation = api.paths.paths[path].get.as_ref().unwrap();
            // The parameters are those of the user's own signature.
            let parameters = operation.parameters.as_ref().unwrap();
            assert_eq!(parameters.len(), 1, "{path}");
            assert_eq!(parameters[0].name, "number", "{path}");
        }
        let output = above(Path(1).into()).await.into_inner();
        assert!(
            output.starts_with("1 ") && !output.ends_with('-'),
            "{output}"
        );
        let output = below(Path(1).into()).await.into_inner();
        assert!(
            output.starts_with("1 ") && !output.ends_with('-'),
            "{output}"
        );
        assert_eq!(ID.scope(7, inherits_above()).await, "Some(7)");
        assert_eq!(ID.scope(7, inherits_below()).await, "Some(7)");
    }
}

mod with_sqlx {
    use super::*;

    #[propagate_context]
    #[sqlx::test]
    async fn first() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }

    #[context_entry(carrier = message())]
    #[sqlx::test]
    async fn entry_first() {
        let id = tokio::spawn(async { request_id().await }).await.unwrap();
        assert_eq!(id, "order-7");
    }

    #[sqlx::test]
    #[context_entry(carrier = message())]
    async fn entry_below() {
        let id = tokio::spawn(async { request_id().await }).await.unwrap();
        assert_eq!(id, "order-7");
    }

    #[sqlx::test]
    #[propagate_context]
    async fn above() {
        ID.set(7);
        assert_eq!(tokio::spawn(spawned()).await.unwrap(), Some(7));
    }
}

mod with_async_graphql {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;

    struct Above;

    #[Object]
    impl Above {
        #[propagate_context]
        async fn id(&self) -> Option<u32> {
            tokio::spawn(spawned()).await.unwrap()
        }
    }

    struct Below;

    #[propagate_context]
    #[Object]
    impl Below {
        async fn id(&self) -> Option<u32> {
            tokio::spawn(spawned()).await.unwrap()
        }
    }

    #[tokio::test]
    async fn resolvers() {
        let above = Schema::new(Above, EmptyMutation, EmptySubscription);
        let below = Schema::new(Below, EmptyMutation, EmptySubscription);
        for response in [
            ID.scope(7, above.execute("{ id }")).await,
            ID.scope(7, below.execute("{ id }")).await,
        ] {
            assert_eq!(response.data.into_json().unwrap()["id"], 7);
        }
    }
}
