use std::fmt;

pub struct Shop {
    name: String,
    orders: u32,
}

#[propagate_context]
impl Shop {
    pub fn new(name: String) -> Self {
        Self { name, orders: 0 }
    }

    pub fn name(&self) -> &String {
        &self.name
    }

    pub fn orders(&self) -> usize {
        self.orders as usize
    }

    pub fn title(&self) -> &str {
        "shop"
    }

    pub fn wrapped(&self) -> Option<u32> {
        Some(self.orders)
    }

    pub fn nothing(&mut self) {}
}

impl fmt::Display for Shop {
    #[propagate_context]
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

pub fn run() {
    let mut shop = Shop::new(String::from("a"));
    shop.nothing();
    crate::support::log(format!("{} {} {} {:?} {}", shop.name(), shop.orders(), shop.title(), shop.wrapped(), shop));
}
