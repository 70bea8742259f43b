//! `#[tracing::instrument]` and other attributes that rewrite the body.

use axum::extract::Path;
use axum::routing::get;

use super::*;

#[context_entry]
#[tracing::instrument(skip_all, err)]
async fn errs(number: Path<u32>) -> Result<String, StatusCode> {
    if number.0 == 0 {
        return Err(StatusCode::IM_A_TEAPOT);
    }
    tracing::info!("inside");
    Ok(tokio::spawn(async { id() }).await.unwrap())
}

#[context_entry]
#[tracing::instrument(ret)]
async fn returns(Path(number): Path<u32>) -> String {
    format!("{number} {}", id())
}

#[context_entry]
#[tracing::instrument]
async fn without_arguments() {
    tracing::info!("inside");
}

#[tracing::instrument(ret)]
#[context_entry]
async fn above(Path(number): Path<u32>) -> String {
    format!("{number} {}", id())
}

#[context_entry(set(ORDER = *number))]
#[tracing::instrument(ret)]
async fn beside_an_expression(number: Path<u32>) -> Option<u32> {
    ORDER.get()
}

// The expression uses a name that the pattern binds.
#[context_entry(set(ORDER = number))]
#[tracing::instrument(ret)]
async fn beside_a_pattern(Path(number): Path<u32>) -> String {
    format!("{number} {:?}", ORDER.get())
}

#[context_entry]
#[cfg_attr(all(), tracing::instrument(ret))]
#[allow(clippy::unused_async)]
async fn behind_cfg_attr(Path(number): Path<u32>) -> String {
    number.to_string()
}

#[tokio::test]
async fn sees_the_users_function_and_runs_in_the_scope() {
    let app = Router::new()
        .route("/errs/{n}", get(errs))
        .route("/returns/{n}", get(returns))
        .route("/without_arguments", get(without_arguments))
        .route("/above/{n}", get(above))
        .route(
            "/beside_an_expression/{n}",
            get(async |number: Path<u32>| {
                format!(
                    "{:?}",
                    beside_an_expression(number.into()).await.into_inner()
                )
            }),
        )
        .route("/beside_a_pattern/{n}", get(beside_a_pattern))
        .route("/behind_cfg_attr/{n}", get(behind_cfg_attr));
    for (path, status, body, line) in [
        ("/errs/1", 200, "order-7", "errs{} message=inside [order-7]"),
        (
            "/errs/0",
            418,
            "",
            "errs{} error=418 I'm a teapot [order-7]",
        ),
        (
            "/returns/2",
            200,
            "2 order-7",
            "returns{number=2} return=\"2 order-7\" [order-7]",
        ),
        (
            "/without_arguments",
            200,
            "",
            "without_arguments{} message=inside [order-7]",
        ),
        (
            "/above/3",
            200,
            "3 order-7",
            "above{number=3} return=\"3 order-7\" [order-7]",
        ),
        (
            "/beside_a_pattern/5",
            200,
            "5 Some(5)",
            "beside_a_pattern{number=5} return=\"5 Some(5)\" [order-7]",
        ),
        (
            "/behind_cfg_attr/6",
            200,
            "6",
            "behind_cfg_attr{number=6} return=\"6\" [order-7]",
        ),
    ] {
        let (response, lines) = Lines::of(ask(app.clone(), "GET", path)).await;
        assert_eq!(response, answer(status, body), "{path}");
        assert_eq!(lines, [line], "{path}");
    }
    let (output, lines) = Lines::of(beside_an_expression(Path(4).into())).await;
    assert_eq!(output, Some(4));
    assert!(
        lines[0].starts_with("beside_an_expression{number="),
        "{lines:?}"
    );
}

struct Worker;

#[async_trait]
trait Work {
    async fn work(&self, message: HashMap<String, String>) -> Result<String, String>;
}

#[async_trait]
impl Work for Worker {
    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, err)]
    async fn work(&self, message: HashMap<String, String>) -> Result<String, String> {
        Err(format!("{} {}", message.len(), id()))
    }
}

impl Worker {
    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, ret)]
    async fn method(&self, message: HashMap<String, String>) -> String {
        tokio::spawn(async { id() }).await.unwrap()
    }

    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, ret)]
    async fn makes(message: HashMap<String, String>) -> Self {
        tracing::info!(inside = id());
        Self
    }

    #[context_entry(carrier = message)]
    #[tracing::instrument(skip_all, ret)]
    async fn generic<T: Copy + Into<u32>, const N: usize>(
        message: HashMap<String, String>,
        list: &[T; N],
        mut more: impl Iterator<Item = u32>,
    ) -> u32 {
        assert_eq!(id(), "order-7");
        list.iter().map(|n| (*n).into()).sum::<u32>() + more.next().unwrap()
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&id())
    }
}

#[context_entry(carrier = message)]
#[tracing::instrument(skip_all, ret)]
fn not_async(message: HashMap<String, String>) -> String {
    std::thread::spawn(id).join().unwrap()
}

#[context_entry(carrier = message)]
#[tracing::instrument(skip_all, ret)]
fn returns_future(message: HashMap<String, String>) -> impl Future<Output = String> + Send {
    async { id() }
}

#[tokio::test]
async fn messages_and_methods() {
    let (output, lines) = Lines::of(Worker.work(message())).await;
    assert_eq!(output, Err("1 order-7".to_owned()));
    assert_eq!(lines, ["work{} error=1 order-7 [order-7]"]);

    let (output, lines) = Lines::of(Worker.method(message())).await;
    assert_eq!(output, "order-7");
    assert_eq!(lines, ["method{} return=\"order-7\" [order-7]"]);

    let (_, lines) = Lines::of(Worker::makes(message())).await;
    assert_eq!(
        lines,
        [
            "makes{} inside=\"order-7\" [order-7]",
            "makes{} return=order-7 [order-7]"
        ]
    );

    let generic = Worker::generic::<u8, 2>(message(), &[1, 2], 3..);
    let (output, lines) = Lines::of(generic).await;
    assert_eq!(
        (output, &*lines),
        (6, &["generic{} return=6 [order-7]".to_owned()][..])
    );

    let (output, lines) = Lines::of(async { not_async(message()) }).await;
    assert_eq!(output, "order-7");
    assert_eq!(lines, ["not_async{} return=\"order-7\" [order-7]"]);

    let (output, lines) = Lines::of(async { returns_future(message()).await }).await;
    assert_eq!(output, "order-7");
    assert_eq!(lines, ["returns_future{} return=\"order-7\" [order-7]"]);
}
