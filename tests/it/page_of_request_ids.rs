//! Each row of the table in `docs/request-ids.md` names a test that exists.

use std::fs;
use std::path::Path;

#[test]
fn every_row_names_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/request-ids.md")).unwrap();
    let (_, table) = page.split_once("| proven by `tests/it/` |").unwrap();
    let rows: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 40, "{rows:?}");
    for row in rows {
        let proven = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let names: Vec<_> = proven.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test: {row}");
        for name in names {
            let exists = match name.split_once("::") {
                None if name.contains('/') => root.join(name).is_dir(),
                None => root.join(format!("tests/it/{name}.rs")).is_file(),
                Some((file, test)) => fs::read_to_string(root.join(format!("tests/it/{file}.rs")))
                    .is_ok_and(|text| text.contains(&format!("fn {test}()"))),
            };
            assert!(exists, "no `{name}`: {row}");
        }
    }
}
