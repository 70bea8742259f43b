use std::fmt::{self, Display};

use crate::{Answer, Line};

/// Which lines have the id of their request.
#[derive(Debug, Default)]
pub struct Tally {
    requests: Vec<Row>,
    places: Vec<Row>,
}

#[derive(Debug, Default)]
struct Row {
    of: String,
    note: &'static str,
    lines: u32,
    right: u32,
    wrong: u32,
    missing: u32,
}

impl Tally {
    /// Compares the id on each line with the one that the request was answered with.
    #[must_use]
    pub fn new(answers: &[Answer], lines: &[Line]) -> Self {
        let mut tally = Self::default();
        for answer in answers {
            let mut row = Row {
                of: answer.id.clone().unwrap_or_default(),
                note: match answer.order.sent {
                    None => "made here: none came",
                    Some(sent) if answer.id.as_deref() == Some(sent) => "the client's",
                    Some(_) => "made here: the client's is invalid",
                },
                ..Row::default()
            };
            for line in lines {
                if line.order == answer.order.number {
                    row.count(line, answer);
                    tally.place(&line.place).count(line, answer);
                }
            }
            tally.requests.push(row);
        }
        tally
    }

    /// Whether each request logged, and each line has the right id.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let mut requests = self.requests.iter();
        requests.all(|request| request.lines > 0 && request.right == request.lines)
    }

    fn place(&mut self, place: &str) -> &mut Row {
        let known = self.places.iter().position(|row| row.of == place);
        let index = known.unwrap_or_else(|| {
            self.places.push(Row {
                of: place.to_owned(),
                ..Row::default()
            });
            self.places.len() - 1
        });
        &mut self.places[index]
    }
}

impl Row {
    fn count(&mut self, line: &Line, answer: &Answer) {
        self.lines += 1;
        match &line.id {
            None => self.missing += 1,
            id if *id == answer.id => self.right += 1,
            Some(_) => self.wrong += 1,
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, rows) in [("request id", &self.requests), ("place", &self.places)] {
            writeln!(f, "\n{title:38}lines  right  wrong  missing")?;
            for row in rows {
                let Row {
                    of,
                    note,
                    lines,
                    right,
                    wrong,
                    missing,
                } = row;
                let line = format!("{of:38}{lines:5}{right:7}{wrong:7}{missing:9}  {note}");
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        let lines: u32 = self.requests.iter().map(|row| row.lines).sum();
        let right: u32 = self.requests.iter().map(|row| row.right).sum();
        writeln!(
            f,
            "\n{right} of {lines} lines have the id of their request."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Order;

    fn answer(number: u32, id: &str) -> Answer {
        let order = Order { number, sent: None };
        let id = Some(id.to_owned());
        Answer { order, id }
    }

    fn line(order: u32, id: Option<&str>) -> Line {
        let place = "somewhere".to_owned();
        let id = id.map(str::to_owned);
        Line { order, place, id }
    }

    #[test]
    fn it_is_right_if_every_line_has_the_id_of_its_own_request() {
        let answers = [answer(1, "a"), answer(2, "b")];
        let tally = |lines: &[Line]| Tally::new(&answers, lines).is_right();
        assert!(tally(&[line(1, Some("a")), line(2, Some("b"))]));
        assert!(
            !tally(&[line(1, Some("a")), line(2, Some("a"))]),
            "another's"
        );
        assert!(!tally(&[line(1, Some("a")), line(2, None)]), "none");
        assert!(!tally(&[line(1, Some("a"))]), "no line");
    }

    #[test]
    fn it_tells_where_ids_are_wrong_or_missing() {
        let lines = [
            line(1, Some("a")),
            line(1, Some("b")),
            line(1, None),
            line(1, None),
        ];
        let shown = Tally::new(&[answer(1, "a")], &lines).to_string();
        let row = shown.lines().find(|line| line.starts_with("somewhere"));
        let counts: Vec<_> = row
            .into_iter()
            .flat_map(str::split_whitespace)
            .skip(1)
            .collect();
        assert_eq!(counts, ["4", "1", "1", "2"]);
    }
}
