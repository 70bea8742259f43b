//! The variables are read before the line goes to the thread that writes.

use propagate_context::tracing::ContextWriter;

fn main() {
    let (writer, _guard) = tracing_appender::non_blocking(std::io::sink());
    let _ = ContextWriter::new(writer);
}
