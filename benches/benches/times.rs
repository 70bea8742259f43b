//! The time of every case, ours and the peers', in one run.

use std::time::{Duration, Instant};

use criterion::Criterion;
use propagate_context_benches::cases;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .without_plots()
        .configure_from_args();
    for case in cases() {
        let mut run = case.prepare();
        criterion.bench_function(&case.file_name(), |bencher| {
            bencher.iter_custom(|mut times| {
                let start = Instant::now();
                while times > 0 {
                    let now = u32::try_from(times).unwrap_or(u32::MAX);
                    run(now);
                    times -= u64::from(now);
                }
                start.elapsed()
            });
        });
    }
    criterion.final_summary();
}
