#[propagate_context]
pub async fn style(text: &String, list: &Vec<u32>) -> bool {
    if text.len() == 0 {
        return true;
    }
    let mut found = false;
    for i in 0..list.len() {
        if list[i] == 1 {
            found = true;
        }
    }
    let copied = text.clone().to_string();
    match found {
        true => copied == "".to_string(),
        false => false,
    }
}

#[propagate_context]
pub fn sync(text: &String) -> bool {
    if text.len() == 0 {
        return true;
    } else {
        return false;
    }
}
