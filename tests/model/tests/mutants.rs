//! Each mutant of `mutants.tsv` still applies: the text that it replaces is in the engine.

use std::fs;
use std::path::Path;

#[test]
fn each_applies_to_the_engine() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(folder.join("mutants.tsv")).unwrap();
    for mutant in list.lines() {
        let [name, file, old, new] = mutant.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {mutant}");
        };
        let source = fs::read_to_string(folder.join("../../runtime/src").join(file)).unwrap();
        assert!(
            source.contains(&old.replace("\\n", "\n")),
            "`{name}` does not apply to {file}"
        );
        assert_ne!(old, new, "{name}");
    }
}
