//! Memory and descriptors of the process.

pub(crate) struct Process {
    pub(crate) kib: u64,
    pub(crate) descriptors: usize,
}

pub(crate) fn now() -> Process {
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
