//! `Report`: the counts by call site, the worst first.

use std::fmt;

use crate::logging::fields::Syntax;

/// The call sites of first-party code, those with the most lines without context first. Its `Display` formats it as
/// text.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Report {
    sites: Vec<SiteReport>,
    unlisted: u64,
}

/// The counts of one call site.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SiteReport {
    /// The path of the file, as passed to the compiler.
    pub file: String,
    /// The line in the file.
    pub line: u32,
    /// The target of its events.
    pub target: String,
    /// The number of events in a context.
    pub inside: u64,
    /// The number of events in a scope that is empty on purpose.
    pub detached: u64,
    /// The number of events in a task, outside of every context.
    pub lost_in_tasks: u64,
    /// The number of events outside of every context and every task: at start-up, or on a thread.
    pub lost_elsewhere: u64,
    /// Where the tasks that logged lost events were spawned; only known with the tokio [hooks](super).
    pub spawned_at: Vec<SpawnReport>,
}

/// A spawn whose tasks logged without context.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpawnReport {
    /// The location, for example `src/mail.rs:19`.
    pub at: String,
    /// The first logged variable of a context in which such a task was spawned, for example `request_id=r-17`. If it is
    /// set, the task should have inherited the context.
    pub inside_of: Option<String>,
    /// The number of lines at this site that its tasks logged without context.
    pub lost: u64,
}

impl SiteReport {
    /// The number of events without context.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost_in_tasks + self.lost_elsewhere
    }

    fn events(&self) -> u64 {
        self.inside + self.detached + self.lost()
    }
}

impl Report {
    pub(super) fn new(mut sites: Vec<SiteReport>, unlisted: u64) -> Self {
        // Lines lost in tasks usually belong to a request; those lost elsewhere may belong to none. If a site is
        // sometimes in a context, the other calls have lost it on the way.
        sites.sort_by(|a, b| {
            let rank = |site: &SiteReport| {
                (
                    site.lost_in_tasks,
                    site.lost() > 0 && site.inside > 0,
                    site.lost_elsewhere,
                )
            };
            let place = |site: &SiteReport| (site.file.clone(), site.line);
            rank(b).cmp(&rank(a)).then_with(|| place(a).cmp(&place(b)))
        });
        Self { sites, unlisted }
    }

    /// Returns all call sites with events.
    #[must_use]
    pub fn sites(&self) -> &[SiteReport] {
        &self.sites
    }

    /// Iterates over the call sites with events without context.
    pub fn lost(&self) -> impl Iterator<Item = &SiteReport> {
        self.sites.iter().filter(|site| site.lost() > 0)
    }

    /// The number of events without context at call sites that are not listed because there were more than 10,000.
    #[must_use]
    pub fn unlisted(&self) -> u64 {
        self.unlisted
    }

    /// Formats the report as JSON: `{"sites":[{"file":"src/mail.rs","line":26,..}]}`, with all call sites with events,
    /// and `"unlisted"` unless it is 0.
    ///
    /// ```
    /// assert_eq!(propagate_context::audit::Report::default().to_json(), r#"{"sites":[]}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let sites: Vec<_> = self.sites.iter().map(site_json).collect();
        let unlisted = match self.unlisted {
            0 => String::new(),
            unlisted => format!(",\"unlisted\":{unlisted}"),
        };
        format!("{{\"sites\":[{}]{unlisted}}}", sites.join(","))
    }
}

fn site_json(site: &SiteReport) -> String {
    let text = |text: &str| {
        let mut out = String::new();
        Syntax::Json.push_text(text, &mut out);
        out
    };
    let spawns: Vec<_> = site
        .spawned_at
        .iter()
        .map(|spawn| {
            let inside_of = spawn.inside_of.as_deref().map_or("null".to_owned(), text);
            let (at, lost) = (text(&spawn.at), spawn.lost);
            format!("{{\"at\":{at},\"inside_of\":{inside_of},\"lost\":{lost}}}")
        })
        .collect();
    format!(
        "{{\"file\":{},\"line\":{},\"target\":{},\"inside\":{},\"detached\":{},\"lost_in_tasks\":{},\
         \"lost_elsewhere\":{},\"spawned_at\":[{}]}}",
        text(&site.file),
        site.line,
        text(&site.target),
        site.inside,
        site.detached,
        site.lost_in_tasks,
        site.lost_elsewhere,
        spawns.join(",")
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        type Count = fn(&SiteReport) -> u64;
        let parts: [(&str, Count); 2] = [
            ("in tasks", |site| site.lost_in_tasks),
            ("outside of tasks", |site| site.lost_elsewhere),
        ];
        if self.lost().next().is_none() && self.unlisted == 0 {
            return f.write_str("no log line without context\n");
        }
        for (part, count) in parts {
            let sites: Vec<_> = self.sites.iter().filter(|site| count(site) > 0).collect();
            if sites.is_empty() {
                continue;
            }
            writeln!(f, "log lines without context, {part}:")?;
            for site in sites {
                let of = format!("{} of {}", count(site), site.events());
                writeln!(
                    f,
                    "  {of:>12}  {}:{} ({})",
                    site.file, site.line, site.target
                )?;
                if part == "in tasks" {
                    for SpawnReport {
                        at,
                        inside_of,
                        lost,
                    } in &site.spawned_at
                    {
                        write!(f, "{:>14}  {lost} from tasks spawned at {at}", "")?;
                        if let Some(inside_of) = inside_of {
                            write!(f, " inside of {inside_of}")?;
                        }
                        writeln!(f)?;
                    }
                }
            }
        }
        if self.unlisted > 0 {
            let unlisted = self.unlisted;
            writeln!(
                f,
                "log lines without context, at call sites beyond the first 10000: {unlisted}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, SiteReport, SpawnReport};

    fn site(line: u32, [inside, detached, in_tasks, elsewhere]: [u64; 4]) -> SiteReport {
        let spawn = SpawnReport {
            at: "src/main.rs:7".to_owned(),
            inside_of: Some("request_id=r-17".to_owned()),
            lost: in_tasks,
        };
        SiteReport {
            file: "src/mail.rs".to_owned(),
            line,
            target: "shop".to_owned(),
            inside,
            detached,
            lost_in_tasks: in_tasks,
            lost_elsewhere: elsewhere,
            spawned_at: vec![spawn],
        }
    }

    /// Each line without context counts in its part of the report, relative to all lines of the site.
    #[test]
    fn as_text() {
        let nothing = "no log line without context\n";
        assert_eq!(Report::default().to_string(), nothing);
        assert_eq!(
            Report::new(vec![site(1, [4, 2, 0, 0])], 0).to_string(),
            nothing
        );

        let sites = vec![site(1, [5, 3, 2, 4]), site(2, [1, 0, 0, 6])];
        let lines = [
            "log lines without context, in tasks:",
            "       2 of 14  src/mail.rs:1 (shop)",
            "                2 from tasks spawned at src/main.rs:7 inside of request_id=r-17",
            "log lines without context, outside of tasks:",
            "       4 of 14  src/mail.rs:1 (shop)",
            "        6 of 7  src/mail.rs:2 (shop)",
            "log lines without context, at call sites beyond the first 10000: 9\n",
        ];
        assert_eq!(Report::new(sites, 9).to_string(), lines.join("\n"));
        assert_eq!(
            Report::new(Vec::new(), 9).to_string(),
            "log lines without context, at call sites beyond the first 10000: 9\n"
        );
    }
}
