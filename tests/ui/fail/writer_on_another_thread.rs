//! The variables would be those of the thread that writes.

use propagate_context::tracing::ContextWriter;

fn main() {
    let (_writer, _guard) = tracing_appender::non_blocking(ContextWriter::new(std::io::stdout));
}
