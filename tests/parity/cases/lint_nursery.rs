#[propagate_context]
pub async fn optional(n: Option<u32>) -> u32 {
    if let Some(n) = n {
        n + 1
    } else {
        0
    }
}

#[propagate_context]
pub fn redundant(text: &str) -> String {
    let owned = text.to_owned();
    owned.clone()
}

pub struct Named {
    name: String,
}

impl Named {
    #[propagate_context]
    pub async fn own(&self) -> Named {
        Named { name: self.name.clone() }
    }
}
