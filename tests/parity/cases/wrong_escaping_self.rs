//@ wrong
pub struct Shop(u32);

impl Shop {
    #[propagate_context]
    pub async fn f(&self) {
        std::thread::spawn(move || println!("{}", self.0));
    }
}
