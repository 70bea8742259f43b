use std::fmt::Display;

pub struct Guest {
    name: String,
}

impl Guest {
    #[propagate_context]
    pub async fn greet(&self) -> Option<impl Display> {
        Some(self.name.len())
    }

    #[propagate_context]
    pub async fn both(&self, text: &str) -> (impl Display, usize) {
        (self.name.len() + text.len(), text.len())
    }

    #[propagate_context]
    pub async fn result(&self) -> Result<impl Iterator<Item = usize>, String> {
        Ok(vec![self.name.len()].into_iter())
    }
}

async fn outlives() -> Option<String> {
    let greeting = {
        let guest = Guest {
            name: String::from("a"),
        };
        guest.greet().await.map(|greeting| greeting.to_string())
    };
    greeting
}

pub fn run() {
    let guest = Guest {
        name: String::from("abc"),
    };
    let text = crate::support::block_on(async {
        let both = guest.both("de").await;
        let sum: usize = guest.result().await.unwrap().sum();
        format!("{} {} {} {:?}", both.0, both.1, sum, outlives().await)
    });
    crate::support::log(text);
}
