macro_rules! double {
    ($e:expr) => {
        $e * 2
    };
}

#[propagate_context]
pub async fn uses(values: &[u32]) -> String {
    macro_rules! local {
        ($n:ident) => {
            let $n = 3;
        };
    }
    local!(n);
    assert!(n == 3, "{}", n);
    debug_assert_eq!(n, 3);
    let list = vec![double!(n), double!(1 + 1)];
    println!();
    matches!(values, [_, ..])
        .then(|| format!("{list:?}{}", stringify!(a b)))
        .unwrap_or_default()
}

pub fn run() {
    crate::support::log(crate::support::block_on(uses(&[1])));
}
