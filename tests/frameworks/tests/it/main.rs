//! propagate-context in frameworks without an integration, and together with crates that change handlers and bodies.

mod aide;
mod graphql;
mod guide;
mod lambda;
mod layers;
mod recipes;
mod salvo;
mod support;
mod utoipa;
mod warp;
