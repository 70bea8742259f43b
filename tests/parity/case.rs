//! One file of the corpus, with the attribute and without.

use std::fs;
use std::path::Path;

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) is_wrong: bool,
    /// Whether there is a `run` to call.
    pub(crate) runs: bool,
    edition: String,
    pub(crate) known: Vec<Known>,
}

/// A difference that is known.
pub(crate) struct Known {
    pub(crate) kind: String,
    pub(crate) code: String,
}

/// A part of the names of the cases to check, where not all are.
pub(crate) fn filter() -> Option<String> {
    std::env::var("PARITY").ok()
}

#[derive(Clone, Copy)]
pub(crate) enum Variant {
    Kept,
    Stripped,
}

impl Variant {
    pub(crate) const BOTH: [Self; 2] = [Variant::Kept, Variant::Stripped];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Variant::Kept => "kept",
            Variant::Stripped => "stripped",
        }
    }
}

impl Case {
    /// Reads the folder, and writes both variants of each case to `work`.
    pub(crate) fn read_all(folder: &Path, work: &Path) -> Vec<Self> {
        for variant in Variant::BOTH {
            fs::create_dir_all(work.join(variant.name())).unwrap();
        }
        let mut paths: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        if let Some(part) = filter() {
            paths.retain(|path| path.to_string_lossy().contains(&part));
        }
        paths.sort();
        paths.iter().map(|path| Self::read(path, work)).collect()
    }

    fn read(path: &Path, work: &Path) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = fs::read_to_string(path).unwrap();
        let mut case = Case {
            runs: source.contains("pub fn run()"),
            is_wrong: false,
            edition: "2018".to_owned(),
            known: Vec::new(),
            name,
        };
        for line in source.lines().filter_map(|line| line.strip_prefix("//@ ")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["wrong"] => case.is_wrong = true,
                ["edition", edition] => (*edition).clone_into(&mut case.edition),
                [kind @ ("lost" | "new" | "moved"), code, _reason, ..] => case.known.push(Known {
                    kind: (*kind).to_owned(),
                    code: code.trim_end_matches(':').to_owned(),
                }),
                _ => panic!("{}: what does `{line}` say?", case.name),
            }
        }
        assert!(
            source.contains("#[propagate_context"),
            "{} has no attribute",
            case.name
        );
        let file = format!("{}.rs", case.name);
        fs::write(work.join("stripped").join(&file), stripped(&source)).unwrap();
        fs::write(work.join("kept").join(&file), source).unwrap();
        case
    }

    pub(crate) fn runs_in(&self, edition: &str) -> bool {
        self.edition.as_str() <= edition
    }

    /// The declaration of the case as a module.
    pub(crate) fn module(&self, variant: Variant) -> String {
        let Case { name, .. } = self;
        format!(
            "#[path = \"{}/{name}.rs\"]\npub mod {name};\n",
            variant.name()
        )
    }
}

/// The source with a comment of the same length in place of each attribute of ours, so that all
/// that remains keeps its place.
fn stripped(source: &str) -> String {
    let mut out = source.to_owned();
    for start in ["#[propagate_context", "#[detached"] {
        while let Some(begin) = out.find(start) {
            let end = begin + out[begin..].find(']').unwrap() + 1;
            let comment = format!("/*{}*/", " ".repeat(end - begin - 4));
            out.replace_range(begin..end, &comment);
        }
    }
    out
}
