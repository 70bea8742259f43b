//! What the process holds.

use std::time::Duration;

pub(crate) struct Process {
    pub(crate) kib: u64,
    pub(crate) descriptors: usize,
}

/// Once the connections that were just closed are gone.
pub(crate) async fn now() -> Process {
    let mut least = read();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = read();
        least.descriptors = least.descriptors.min(now.descriptors);
        least.kib = least.kib.min(now.kib);
    }
    least
}

fn read() -> Process {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?
            .trim()
            .strip_suffix(" kB")?
            .parse()
            .ok()
    });
    let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    Process {
        kib: kib.unwrap_or(0),
        descriptors,
    }
}
