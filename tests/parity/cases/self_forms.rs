use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

pub struct Shop(pub u32);

impl Shop {
    #[propagate_context]
    pub async fn by_ref(&self) -> u32 {
        self.0
    }

    #[propagate_context]
    pub async fn by_mut(&mut self) -> &mut u32 {
        self.0 += 1;
        &mut self.0
    }

    #[propagate_context]
    pub async fn by_value(self) -> u32 {
        self.0
    }

    #[propagate_context]
    pub async fn by_mut_value(mut self) -> Self {
        self.0 += 1;
        self
    }

    #[propagate_context]
    pub async fn by_box(self: Box<Self>) -> u32 {
        self.0
    }

    #[propagate_context]
    pub async fn by_arc(self: Arc<Self>) -> u32 {
        self.0
    }

    #[propagate_context]
    pub async fn by_rc_ref(self: &Rc<Self>) -> u32 {
        self.0
    }

    #[propagate_context]
    pub async fn by_pin(self: Pin<&mut Self>) -> u32 {
        self.get_mut().0
    }

    #[propagate_context]
    pub fn sync_ref(&self) -> u32 {
        self.0
    }

    #[propagate_context]
    pub fn sync_value(self: Box<Self>) -> u32 {
        self.0
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    let mut shop = Shop(1);
    log(format!("{} {}", block_on(shop.by_ref()), block_on(shop.by_mut())));
    log(format!("{}", block_on(Pin::new(&mut shop).by_pin())));
    log(format!("{} {}", block_on(Box::new(Shop(2)).by_box()), block_on(Arc::new(Shop(3)).by_arc())));
    log(format!("{}", block_on(Rc::new(Shop(4)).by_rc_ref())));
    log(format!("{}", block_on(block_on(shop.by_mut_value()).by_value())));
    log(format!("{} {}", Shop(5).sync_ref(), Box::new(Shop(6)).sync_value()));
}
