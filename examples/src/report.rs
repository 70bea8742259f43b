//! The output of the quickstart.

use std::fmt::Write as _;
use std::io::{Write as _, stdout};

use crate::{Outcome, Paint, Response};

/// Prints `text`. Ignores errors, so that a closed pipe does not cause a panic.
pub fn print(text: &str) {
    _ = stdout().write_all(text.as_bytes());
}

/// Returns the lines of the first request.
#[must_use]
pub fn first_request(outcome: &Outcome, paint: Paint) -> String {
    let requests = outcome.responses().len();
    let mut text = format!(
        "{requests} concurrent requests. The log lines of the first one, in the order of the code:\n\n"
    );
    let first = outcome.responses().first();
    for line in first.map_or_else(Vec::new, |first| outcome.lines_of(first)) {
        push_line(&mut text, outcome, line, paint);
    }
    text
}

/// Returns all lines, in the order in which they were logged.
#[must_use]
pub fn all_lines(outcome: &Outcome, paint: Paint) -> String {
    let mut text = String::new();
    for line in outcome.lines() {
        push_line(&mut text, outcome, line, paint);
    }
    text
}

fn push_line(text: &mut String, outcome: &Outcome, line: &crate::Line, paint: Paint) {
    let mark = if outcome.has_its_id(line) {
        "  ".to_owned()
    } else {
        paint.verdict(false, "! ")
    };
    let line = paint.ids(&outcome.ids(), &line.text);
    _ = writeln!(text, "{mark}{line}");
}

/// Returns a table of the requests, with the number of lines that have the correct id, and a verdict.
#[must_use]
pub fn summary(outcome: &Outcome, paint: Paint) -> String {
    let ids = outcome.ids();
    let mut text = String::new();
    let head = format!("{:40}{:16}origin of the id", "request", "correct lines");
    _ = writeln!(text, "\n  {}", paint.bold(&head));
    for response in outcome.responses() {
        let id = response.id.as_deref().unwrap_or("none");
        let count = outcome.count(|line| line.order == response.order.number);
        let cells = paint.ids(&ids, &format!("{id:40}"));
        let right = paint.verdict(count.is_right(), &format!("{count:16}"));
        _ = writeln!(text, "  {cells}{right}{}", origin(response));
    }
    let all = outcome.count(|_| true);
    let verdict = format!("{all} lines have the id of their request.");
    _ = writeln!(text, "\n{}", paint.verdict(outcome.is_right(), &verdict));
    text
}

fn origin(response: &Response) -> &'static str {
    match response.order.sent {
        None => "generated: the client sent no id",
        Some(sent) if response.id.as_deref() == Some(sent) => "sent by the client",
        Some(_) => "generated: the id of the client is invalid",
    }
}

/// Returns the first request of two programs side by side, and the counts of all requests.
#[must_use]
pub fn side_by_side(with: &Outcome, without: &Outcome, paint: Paint) -> String {
    let title = "The same program without the attributes, where every log statement reads a tokio task-local:";
    let mut text = format!("\n{title}\n\n");
    let head = format!("{:20}{:16}without", "first request", "with");
    _ = writeln!(text, "  {}", paint.bold(&head));

    let lines_of_first = |outcome: &Outcome| {
        let first = outcome.responses().first();
        let lines = first.map_or_else(Vec::new, |first| outcome.lines_of(first));
        lines.into_iter().cloned().collect::<Vec<_>>()
    };
    for (left, right) in lines_of_first(with).iter().zip(&lines_of_first(without)) {
        let cell = |outcome: &Outcome, line: &crate::Line| match &line.id {
            Some(id) => paint.ids(&outcome.ids(), &format!("{id:16}")),
            None => paint.verdict(false, &format!("{:16}", "none")),
        };
        let cells = cell(with, left) + &cell(without, right);
        _ = writeln!(text, "  {:20}{}", left.place, cells.trim_end());
    }
    let cell = |outcome: &Outcome, width: usize| {
        let count = outcome.count(|_| true);
        paint.verdict(outcome.is_right(), &format!("{count:width$}"))
    };
    let (left, right) = (cell(with, 16), cell(without, 0));
    _ = writeln!(text, "\n  {:20}{left}{right}", "all requests");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Line, Order};

    fn outcome(id: Option<&str>) -> Outcome {
        let order = Order {
            number: 1,
            sent: Some("r-17"),
        };
        let response = Response {
            order,
            id: Some("r-17".to_owned()),
        };
        let line = Line {
            text: "INFO placed".to_owned(),
            order: 1,
            place: "handler".to_owned(),
            id: id.map(str::to_owned),
        };
        Outcome::new(vec![response], vec![line])
    }

    #[test]
    fn plain_text_has_no_escape_sequences() {
        let (with, without) = (outcome(Some("r-17")), outcome(None));
        let text = first_request(&with, Paint::PLAIN)
            + &summary(&without, Paint::PLAIN)
            + &side_by_side(&with, &without, Paint::PLAIN);
        assert!(!text.contains('\x1b'), "{text}");
        assert!(
            text.contains("\n  handler             r-17            none\n"),
            "{text}"
        );
        assert!(
            text.contains("\n0 of 1 lines have the id of their request.\n"),
            "{text}"
        );
    }

    #[test]
    fn a_line_without_its_id_is_highlighted() {
        assert!(first_request(&outcome(None), Paint::PLAIN).ends_with("\n! INFO placed\n"));
        assert!(first_request(&outcome(Some("r-17")), Paint::PLAIN).ends_with("\n  INFO placed\n"));
        let red = summary(&outcome(None), Paint::COLOURED);
        assert!(red.contains("\x1b[1;31m0 of 1 lines"), "{red}");
    }
}
