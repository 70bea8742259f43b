//! Where requests start, in each framework, and code that only looks like an entry.

mod support;

use support::Package;

const SPAWNS: &str = "    std::thread::spawn(|| {});\n";

/// Whether the only spawn in `source` is part of a request. `SPAWN` is its place.
fn is_reached(name: &str, source: &str) -> bool {
    let source = source.replace("SPAWN", SPAWNS.trim());
    let package = Package::small(&format!("entries_{name}"), "", &source);
    let classes = package.classes(&["--all"]);
    assert_eq!(classes.len(), 1, "{name}: {classes:?}");
    !classes[0].ends_with(" unreached")
}

const ENTRIES: &[(&str, &str)] = &[
    (
        "axum",
        "fn app() { Router::new().route(\"/\", get(a)); } async fn a() { SPAWN }",
    ),
    (
        "axum_chain",
        "fn app() { get(b).post(a); } async fn a() { SPAWN } async fn b() {}",
    ),
    (
        "axum_fallback",
        "fn app() { Router::new().fallback(a); } async fn a() { SPAWN }",
    ),
    (
        "axum_middleware",
        "fn app() { layer(middleware::from_fn_with_state(s, a)); } async fn a() { SPAWN }",
    ),
    ("axum_closure", "fn app() { get(|| async { SPAWN }); }"),
    (
        "axum_closure_calls",
        "fn app() { get(|| async { a() }); } fn a() { SPAWN }",
    ),
    (
        "axum_generic",
        "fn app() { get(a::<u8>); } async fn a<T>() { SPAWN }",
    ),
    (
        "axum_layer",
        "fn app() { post(a.layer(limit)); } async fn a() { SPAWN }",
    ),
    (
        "axum_method",
        "fn app() { get(S::a); } struct S; impl S { async fn a() { SPAWN } }",
    ),
    (
        "aide",
        "fn app() { post_with(a, docs); } async fn a() { SPAWN }",
    ),
    (
        "utoipa",
        "fn app() { routes!(a, b); } async fn a() { SPAWN } async fn b() {}",
    ),
    (
        "utoipa_attribute",
        "#[utoipa::path(get, path = \"/\", responses((status = 200)))] async fn a() { SPAWN }",
    ),
    (
        "own_helper",
        "fn app() { secured(a); } fn secured<H: Handler<T>, T>(h: H) {} async fn a() { SPAWN }",
    ),
    (
        "actix",
        "fn app() { web::get().to(a); } async fn a() { SPAWN }",
    ),
    (
        "actix_wrapped",
        "fn app() { web::get().to(Sequential(a)); } async fn a() { SPAWN }",
    ),
    (
        "actix_attribute",
        "#[actix_web::post(\"/\")] async fn a() { SPAWN }",
    ),
    ("poem", "#[handler] fn a() { SPAWN }"),
    (
        "poem_openapi",
        "struct S; #[OpenApi] impl S { async fn a(&self) { SPAWN } }",
    ),
    ("rocket", "#[get(\"/<id>\")] fn a(id: u8) { SPAWN }"),
    (
        "warp",
        "fn app() { warp::path(\"a\").and_then(a); } async fn a() { SPAWN }",
    ),
    (
        "hyper",
        "fn app() { service_fn(a); } async fn a() { SPAWN }",
    ),
    (
        "hyper_closure",
        "fn app() { service_fn(move |request| a(request)); } async fn a(r: R) { SPAWN }",
    ),
    (
        "tonic",
        "#[tonic::async_trait] impl Greeter for S { async fn a(&self, r: Request<A>) -> Result<Response<B>, Status> { SPAWN } }",
    ),
    (
        "tonic_by_types",
        "#[async_trait] impl Greeter for S { async fn a(&self, r: Request<A>) -> Result<Response<B>, Status> { SPAWN } }",
    ),
    (
        "tower",
        "impl Service<Request<Body>> for S { fn call(&mut self, r: Request<Body>) -> F { SPAWN } }",
    ),
    (
        "extractor",
        "impl FromRequestParts<S> for User { async fn from_request_parts(p: &mut Parts, s: &S) -> R { SPAWN } }",
    ),
    (
        "graphql",
        "#[Object] impl Query { async fn a(&self) { SPAWN } }",
    ),
    (
        "axum_closure_that_calls",
        "fn app() { get(|request| a(request)); } async fn a(r: R) { SPAWN }",
    ),
    (
        "axum_closure_in_a_variable",
        "fn app() { let handler = || async { SPAWN }; get(handler); }",
    ),
    (
        "actix_closure_that_calls",
        "fn app() { web::get().to(|request| a(request)); } async fn a(r: R) { SPAWN }",
    ),
    ("rocket_catcher", "#[catch(404)] fn a() { SPAWN }"),
    (
        "rocket_fairing",
        "#[rocket::async_trait] impl Fairing for F { async fn on_request(&self, r: &mut Request<'_>, d: &mut Data<'_>) { SPAWN } }",
    ),
    (
        "rocket_handler",
        "#[rocket::async_trait] impl Handler for F { async fn handle<'r>(&self, r: &'r Request<'_>, d: Data<'r>) -> Outcome<'r> { SPAWN } }",
    ),
    (
        "salvo_block",
        "#[handler] impl F { async fn handle(&self) { SPAWN } }",
    ),
    (
        "tonic_by_imports",
        "use tonic::{Request, Response}; #[async_trait] impl Greeter for S { async fn a(&self, r: Request<A>) -> Result<Response<B>> { SPAWN } }",
    ),
    (
        "tonic_interceptor",
        "impl Interceptor for S { fn call(&mut self, r: Request<()>) -> Result<Request<()>, Status> { SPAWN } }",
    ),
    (
        "context_entry",
        "#[context_entry] fn other() {} fn app() { get(a); } async fn a() { SPAWN }",
    ),
];

#[test]
fn recognizes_entries() {
    for (name, source) in ENTRIES {
        assert!(is_reached(name, source), "{name}: {source}");
    }
}

#[test]
fn follows_calls_from_entries() {
    let cases = [
        (
            "path",
            "#[handler] fn h() { m::a(); } mod m { pub fn a() { SPAWN } }",
        ),
        (
            "import",
            "use crate::m::a as b; #[handler] fn h() { b(); } mod m { pub fn a() { SPAWN } }",
        ),
        (
            "glob",
            "use m::*; #[handler] fn h() { a(); } mod m { pub fn a() { SPAWN } }",
        ),
        (
            "associated",
            "#[handler] fn h() { S::a(); } struct S; impl S { fn a() { SPAWN } }",
        ),
        (
            "self_type",
            "struct S; impl S { fn a(&self) { SPAWN } } #[OpenApi] impl S { fn h(&self) { Self::a(self); } }",
        ),
        (
            "self_value",
            "struct S; impl S { fn a(&self) { SPAWN } } #[OpenApi] impl S { fn h(&self) { self.a(); } }",
        ),
        (
            "field",
            "struct S { inner: Arc<T> } struct T; impl T { fn a(&self) { SPAWN } } #[OpenApi] impl S { fn h(&self) { self.inner.a(); } }",
        ),
        (
            "state",
            "#[handler] fn h(State(s): State<Arc<T>>) { s.a(); } struct T; impl T { fn a(&self) { SPAWN } }",
        ),
        (
            "locked",
            "#[handler] async fn h(s: Data<Mutex<T>>) { s.lock().await.a(); } struct T; impl T { fn a(&self) { SPAWN } }",
        ),
        (
            "trait_object",
            "#[handler] fn h(s: Arc<dyn Store>) { s.a(); } struct T; impl Store for T { fn a(&self) { SPAWN } }",
        ),
        (
            "bound",
            "#[handler] fn h<S: Store>(s: S) { s.a(); } struct T; impl Store for T { fn a(&self) { SPAWN } }",
        ),
        (
            "made",
            "#[handler] fn h() { let s = T::new(); s.a(); } struct T; impl T { fn new() -> T { T } fn a(&self) { SPAWN } }",
        ),
        (
            "returned",
            "#[handler] fn h(l: L) { l.store().a(); } impl L { fn store(&self) -> Arc<T> { x() } } struct T; impl T { fn a(&self) { SPAWN } }",
        ),
        (
            "telling_name",
            "#[handler] fn h() { unknown().place_order(); } struct T; impl T { fn place_order(&self) { SPAWN } }",
        ),
        (
            "in_a_macro",
            "#[handler] async fn h() { join!(a(), b()); } async fn a() { SPAWN } async fn b() {}",
        ),
        (
            "in_select",
            "#[handler] async fn h() { select! { x = b() => { a(); } } } fn a() { SPAWN } async fn b() {}",
        ),
        ("nested", "#[handler] fn h() { fn a() { SPAWN } a(); }"),
        (
            "default_method",
            "#[handler] fn h(s: impl Store) { s.a(); } trait Store { fn a(&self) { SPAWN } }",
        ),
    ];
    for (name, source) in cases {
        assert!(
            is_reached(&format!("followed_{name}"), source),
            "{name}: {source}"
        );
    }
}

#[test]
fn ignores_code_that_only_looks_like_an_entry() {
    let cases = [
        ("map", "fn f(map: Map, a: Key) { map.get(a); } async fn a() { SPAWN }"),
        ("not_a_future", "fn f(map: Map) { map.get(a); } fn a() { SPAWN }"),
        ("iterator", "fn f(list: List) { list.any(|x| { SPAWN }); }"),
        ("other_type", "#[handler] fn h(tx: Sender<u8>) { tx.send(1); } struct T; impl T { fn send(&self, x: u8) { SPAWN } }"),
        ("common_name", "#[handler] fn h() { unknown().run(); } struct T; impl T { fn run(&self) { SPAWN } }"),
        ("other_arity", "#[handler] fn h() { unknown().place_order(1); } struct T; impl T { fn place_order(&self) { SPAWN } }"),
        ("of_a_crate", "#[handler] fn h() { other::m::a(); } mod m { fn a() { SPAWN } }"),
        ("through_a_spawn", "#[handler] #[propagate_context] fn h() { std::thread::spawn(|| a()); } fn a() { SPAWN }"),
        ("through_a_value", "#[handler] #[propagate_context] fn h() { let job = async { a() }; tokio::spawn(job); } fn a() { SPAWN }"),
        ("through_a_helper", "#[handler] fn h() { run(async { a() }); } #[propagate_context] fn run<F: Future>(f: F) { tokio::spawn(f); } fn a() { SPAWN }"),
        (
            "shared_name",
            "#[handler] fn h() { unknown().place_order(); } struct A; impl A { fn place_order(&self) { SPAWN } }
             struct B; impl B { fn place_order(&self) {} } struct C; impl C { fn place_order(&self) {} }",
        ),
        ("test_route", "#[cfg(test)] mod t { fn app() { get(super::a); } } async fn a() { SPAWN }"),
    ];
    for (name, source) in cases {
        assert!(
            !is_reached(&format!("looks_{name}"), source),
            "{name}: {source}"
        );
    }
}

#[test]
fn only_spawns_are_sites() {
    let source = "#[handler]
fn h(world: World, names: Names) {
    Command::new(\"ls\").spawn();
    world.spawn((1, 2));
    world.spawn(Ship { x: 1 });
    spawn_enemy(world);
    names.spawn_later(job);
    Retry::spawn(policy, || async {});
    npm.install(\"left-pad\");
    runtime.block_on(async {});
    println!(\"tokio::spawn(async {{}})\");
    // tokio::spawn(async {});
}

#[test]
fn in_a_test() {
    std::thread::spawn(|| {});
}
";
    let package = Package::small("entries_no_site", "", source);
    assert_eq!(package.classes(&["--all"]), Vec::<String>::new());
}
