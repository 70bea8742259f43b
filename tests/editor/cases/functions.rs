use propagate_context::propagate_context;

pub struct Shop {
    pub orders: u32,
}

impl Shop {
    pub fn count(&self) -> u32 {
        self.orders
    }
}

#[derive(Clone, Copy)]
pub struct Heading(pub u32);

#[propagate_context]
pub async fn checkout(shop: Shop, Heading(heading): Heading) -> Result<u32, String> {
    let total = shop.count() + heading;
    if total > 10 {
        return Err(format!("{total}"));
    }
    Ok(shop.orders + total)
}

#[propagate_context]
pub fn work(shop: &Shop, more: u32) -> u32 {
    let total = shop.count() + more;
    total + shop.orders
}

impl Heading {
    #[propagate_context]
    pub async fn rename(self, other: Self) -> Self {
        let one = self.0;
        Heading(one + other.0)
    }
}
