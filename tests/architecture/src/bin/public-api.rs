//! Prints the public interface of the crate, one item per line, extracted from the pages of `cargo doc`.
//!
//! `cargo doc --no-deps --all-features -p propagate-context`, then
//! `cargo run -p propagate-context-architecture --bin public-api -- target/doc/propagate_context >runtime/public-api.txt`.
//! The output includes bounds and defaults, but not hidden items and the implementations of auto traits.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), String> {
    let folder = env::args()
        .nth(1)
        .ok_or("the folder of the pages is missing")?;
    let mut items = BTreeSet::new();
    collect(Path::new(&folder), "", &mut items)?;
    if items.is_empty() {
        return Err(format!("{folder} has no items"));
    }
    for item in items {
        println!("{item}");
    }
    Ok(())
}

fn collect(folder: &Path, module: &str, items: &mut BTreeSet<String>) -> Result<(), String> {
    let broken = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(broken)? {
        let path = entry.map_err(broken)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            collect(&path, &format!("{module}{name}::"), items)?;
        } else if let Some((kind, name)) = name
            .strip_suffix(".html")
            .and_then(|name| name.split_once('.'))
        {
            let page = fs::read_to_string(&path).map_err(broken)?;
            page_items(&page, kind, &format!("{module}{name}"), items);
        }
    }
    Ok(())
}

/// Collects the item of a page, its functions, and the traits that it implements.
fn page_items(page: &str, kind: &str, path: &str, items: &mut BTreeSet<String>) {
    let page = page
        .split("id=\"synthetic-implementations\"")
        .next()
        .unwrap_or(page);
    let (own, traits) = page
        .split_once("id=\"trait-implementations\"")
        .unwrap_or((page, ""));
    for declaration in between(own, "<pre class=\"rust item-decl\"><code>", "</code></pre>") {
        // The items of a trait are listed below it, one by one.
        let text = declaration.split(" {").next().unwrap_or_default();
        items.insert(format!(
            "{path}: {}",
            if kind == "trait" { text } else { &declaration }
        ));
    }
    for function in between(own, "<h4 class=\"code-header\">", "</h4>") {
        items.insert(format!("{path}: {function}"));
    }
    for implementation in between(traits, "<h3 class=\"code-header\">", "</h3>") {
        items.insert(format!("{path}: {implementation}"));
    }
}

/// Returns the text of each element with this start and end.
fn between(page: &str, start: &str, end: &str) -> Vec<String> {
    let parts = page.split(start).skip(1);
    parts
        .filter_map(|part| Some(text_of(part.split_once(end)?.0)))
        .collect()
}

/// Returns the visible text in one line.
fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut tag = false;
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => tag = false,
            c if !tag => text.push(c),
            _ => {}
        }
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let text = entities
        .iter()
        .fold(text, |text, (entity, c)| text.replace(entity, c));
    text.split_whitespace()
        .filter(|word| *word != "ⓘ")
        .collect::<Vec<_>>()
        .join(" ")
}
