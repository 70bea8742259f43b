#[propagate_context]
pub mod jobs {
    //! Jobs.
    #![allow(clippy::all)]

    pub fn run() -> u32 {
        std::thread::spawn(|| 1).join().unwrap()
    }
}

#[propagate_context]
pub mod documented {
    //! More jobs.

    pub async fn run() -> u32 {
        2
    }
}

pub struct Shop;

#[propagate_context]
impl Shop {
    #![allow(clippy::unused_self)]

    pub fn open(&self) -> u32 {
        3
    }
}

macro_rules! module {
    ($name:ident: $first:item $vis:vis $second:ident $third:item) => {
        #[propagate_context]
        pub mod $name {
            $first
            $vis fn $second() -> u32 {
                5
            }
            $third
        }
    };
}

module!(made: pub fn one() -> u32 { 4 } pub two pub const THREE: u32 = 6;);

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", jobs::run(), block_on(documented::run()), Shop.open()));
    log(format!("{} {} {}", made::one(), made::two(), made::THREE));
}
