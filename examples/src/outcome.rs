use std::fmt::{self, Display};

use crate::{Line, Response};

/// The responses and log lines of a program.
#[derive(Debug)]
pub struct Outcome {
    responses: Vec<Response>,
    lines: Vec<Line>,
}

/// The number of lines that have the id of their request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The number of lines with the correct id.
    pub right: usize,
    /// The number of all lines.
    pub lines: usize,
}

impl Count {
    /// Returns whether there are lines and all of them have the correct id.
    #[must_use]
    pub fn is_right(self) -> bool {
        self.lines > 0 && self.right == self.lines
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, lines } = self;
        f.pad(&format!("{right} of {lines}"))
    }
}

impl Outcome {
    /// Creates an outcome from the responses, in the order of their requests, and the lines, in any order.
    #[must_use]
    pub fn new(responses: Vec<Response>, lines: Vec<Line>) -> Self {
        Self { responses, lines }
    }

    /// Returns the responses in the order of their requests.
    #[must_use]
    pub fn responses(&self) -> &[Response] {
        &self.responses
    }

    /// Returns all lines in the order in which they were logged.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Returns the lines of a request in the order of the program's code, because the order in which they are logged
    /// differs from run to run.
    #[must_use]
    pub fn lines_of(&self, response: &Response) -> Vec<&Line> {
        const CODE: [&str; 9] = [
            "handler",
            "after an await",
            "tokio::spawn",
            "spawn_blocking",
            "thread::spawn",
            "rayon::spawn",
            "par_iter",
            "JoinSet::spawn",
            "spawn in a helper",
        ];
        let order = response.order.number;
        let mut lines: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.order == order)
            .collect();
        lines.sort_by_key(|line| {
            (
                CODE.iter().position(|place| *place == line.place),
                &line.text,
            )
        });
        lines
    }

    /// Returns the request ids, each of which gets its own color.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        let ids = self.responses.iter();
        ids.filter_map(|response| response.id.as_deref()).collect()
    }

    /// Returns whether the line has the same id as the response to its request.
    #[must_use]
    pub fn has_its_id(&self, line: &Line) -> bool {
        let mut responses = self.responses.iter();
        line.id.is_some()
            && responses
                .any(|response| response.order.number == line.order && response.id == line.id)
    }

    /// Counts the lines that `select` selects.
    #[must_use]
    pub fn count(&self, select: impl Fn(&Line) -> bool) -> Count {
        let lines = self.lines.iter().filter(|line| select(line));
        lines.fold(Count::default(), |count, line| Count {
            right: count.right + usize::from(self.has_its_id(line)),
            lines: count.lines + 1,
        })
    }

    /// Returns whether each request has log lines and each line has the id of its request.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let mut responses = self.responses.iter();
        responses.all(|response| {
            self.count(|line| line.order == response.order.number)
                .is_right()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Order;

    fn response(number: u32, id: &str) -> Response {
        let order = Order { number, sent: None };
        let id = Some(id.to_owned());
        Response { order, id }
    }

    fn line(order: u32, place: &str, id: Option<&str>) -> Line {
        Line {
            text: String::new(),
            order,
            place: place.to_owned(),
            id: id.map(str::to_owned),
        }
    }

    #[test]
    fn an_outcome_is_right_if_every_line_has_the_id_of_its_own_request() {
        let is_right = |lines: Vec<Line>| {
            Outcome::new(vec![response(1, "a"), response(2, "b")], lines).is_right()
        };
        let first = || line(1, "handler", Some("a"));
        assert!(is_right(vec![first(), line(2, "handler", Some("b"))]));
        assert!(
            !is_right(vec![first(), line(2, "handler", Some("a"))]),
            "the id of another request"
        );
        assert!(!is_right(vec![first(), line(2, "handler", None)]), "no id");
        assert!(!is_right(vec![first()]), "no line");
    }

    #[test]
    fn lines_are_counted_and_listed_in_the_order_of_the_code() {
        let lines = vec![
            line(1, "par_iter", Some("a")),
            line(2, "handler", Some("b")),
            line(1, "tokio::spawn", None),
            line(1, "handler", Some("b")),
        ];
        let outcome = Outcome::new(vec![response(1, "a"), response(2, "b")], lines);
        let listed = outcome.lines_of(&outcome.responses()[0]);
        let places: Vec<_> = listed.iter().map(|line| &*line.place).collect();
        assert_eq!(places, ["handler", "tokio::spawn", "par_iter"]);
        assert_eq!(outcome.count(|_| true), Count { right: 2, lines: 4 });
        assert_eq!(outcome.count(|line| line.order == 1).to_string(), "1 of 3");
    }
}
