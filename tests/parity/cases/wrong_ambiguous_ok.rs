//@ wrong
#[propagate_context]
pub async fn f() {
    tokio::spawn(async {
        let _: u32 = "1".parse()?;
        Ok(())
    });
}
