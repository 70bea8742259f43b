//! Frameworks. Clippy reports exactly the lines that end with `reported`.

pub async fn actix(arbiter: &actix_rt::Arbiter) {
    actix_rt::spawn(async {}); // reported
    actix_web::rt::spawn(async {}); // reported
    arbiter.spawn(async {}); // reported
    arbiter.spawn_fn(|| {}); // reported
    arbiter.handle().spawn(async {}); // reported
    arbiter.handle().spawn_fn(|| {}); // reported
    let _ = actix_web::web::block(|| {}).await; // reported
}

pub fn axum(upgrade: axum::extract::ws::WebSocketUpgrade) {
    upgrade.on_upgrade(|_| async {}); // reported
}

pub fn poem(socket: poem::web::websocket::WebSocket) {
    let _ = socket.on_upgrade(|_| async {}); // reported
}

pub fn warp(socket: warp::ws::Ws) {
    let _ = socket.on_upgrade(|_| async {}); // reported
}
