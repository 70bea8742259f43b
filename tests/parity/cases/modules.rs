#[propagate_context]
pub mod jobs {
    //! Inner documentation.

    use std::fmt::{self, Display};

    /// A job.
    #[derive(Debug, Clone)]
    pub struct Job(pub u32);

    pub enum Kind {
        A,
        B { n: u32 },
    }

    impl Display for Job {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)
        }
    }

    pub static COUNT: u32 = 1;

    /// Runs.
    pub async fn run(job: Job) -> String {
        job.to_string()
    }

    macro_rules! made {
        ($name:ident) => {
            pub fn $name() -> u32 {
                COUNT
            }
        };
    }

    made!(made);

    unsafe extern "C" {
        fn getpid() -> i32;
    }

    mod inner {
        pub(super) fn helper() {}
    }

    pub fn calls() -> u32 {
        inner::helper();
        made()
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {}", block_on(jobs::run(jobs::Job(1))), jobs::calls()));
}
