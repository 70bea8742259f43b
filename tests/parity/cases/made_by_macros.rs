macro_rules! function {
    ($(#[$attr:meta])* $vis:vis $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block) => {
        $(#[$attr])*
        #[propagate_context]
        $vis async fn $name($($arg: $ty),*) -> $out $body
    };
}

function! {
    /// Made.
    pub made(a: u32, b: Option<u32>) -> Option<u32> {
        b.map(|b| a + b)
    }
}

macro_rules! expression {
    ($name:ident, $value:expr) => {
        #[propagate_context]
        pub async fn $name() -> u32 {
            $value
        }
    };
}

expression!(three, 1 + 2);

macro_rules! item {
    ($item:item) => {
        #[propagate_context]
        $item
    };
}

item! {
    pub async fn whole(a: u32) -> u32 {
        a
    }
}

macro_rules! pattern {
    ($pat:pat, $ty:ty, $tail:expr) => {
        #[propagate_context]
        pub async fn patterned($pat: $ty) -> u32 {
            $tail
        }
    };
}

pattern!((_, _), (u32, u32), 1);

macro_rules! sync {
    ($name:ident $body:block) => {
        #[propagate_context]
        pub fn $name() -> u32 $body
    };
}

sync!(blocked { 7 });

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{:?} {} {}", block_on(made(1, Some(2))), block_on(three()), block_on(whole(3))));
    log(format!("{} {}", block_on(patterned((1, 2))), blocked()));
}
