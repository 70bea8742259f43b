//! Plots as SVG, with a logarithmic scale, so that a subject that costs ten times as much does not squeeze the others.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 60.0;
const COLOURS: [&str; 8] = [
    "#d1495b", "#30638e", "#00798c", "#edae49", "#6a4c93", "#5f7470", "#8d6a4f", "#3d3d3d",
];

/// The numbers of one subject, by size.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(usize, f64)>,
}

struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let low = numbers.clone().fold(f64::INFINITY, f64::min).max(1.0);
        let high = numbers.fold(low, f64::max);
        Self {
            low: low.log10().floor(),
            high: (high * 1.05).log10().ceil(),
        }
    }

    /// Between 0 and 1.
    fn place(&self, number: f64) -> f64 {
        (number.max(1.0).log10() - self.low) / f64::max(self.high - self.low, 1.0)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let low = self.low;
        std::iter::successors(Some(low), |power| Some(power + 1.0))
            .take_while({
                let high = self.high;
                move |&power| power <= high
            })
            .map(|power| 10_f64.powf(power))
    }
}

pub(crate) fn bars(title: &str, numbers: &[(&str, f64)]) -> String {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(|a, b| a.1.total_cmp(&b.1));
    let scale = Scale::of(numbers.iter().map(|&(_, number)| number));
    let across = WIDTH - LEFT - RIGHT;
    let mut svg = Svg::new(title, 60.0 + 24.0 * rows(numbers.len()));
    for (row, (name, number)) in numbers.iter().enumerate() {
        let y = 44.0 + 24.0 * rows(row);
        let width = f64::max(scale.place(*number) * across, 2.0);
        svg.text(LEFT - 8.0, y + 13.0, "end", name);
        svg.draw(&format!(
            r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="18" fill="{}"/>"#,
            if name.starts_with("ours") {
                COLOURS[0]
            } else {
                "#9fb4c7"
            },
        ));
        svg.text(
            LEFT + width + 6.0,
            y + 13.0,
            "start",
            &format!("{number:.0}"),
        );
    }
    svg.finish()
}

pub(crate) fn lines(title: &str, lines: &[Line]) -> String {
    const TOP: f64 = 44.0;
    const DOWN: f64 = 260.0;
    let scale = Scale::of(
        lines
            .iter()
            .flat_map(|line| line.points.iter().map(|point| point.1)),
    );
    let across = WIDTH - LEFT - RIGHT;
    let mut svg = Svg::new(title, TOP + DOWN + 40.0);
    for tick in scale.ticks() {
        let y = TOP + DOWN * (1.0 - scale.place(tick));
        svg.draw(&format!(
            r##"<path d="M{LEFT} {y:.1}h{across}" stroke="#ddd" fill="none"/>"##
        ));
        svg.text(LEFT - 8.0, y + 4.0, "end", &format!("{tick}"));
    }
    let columns = lines
        .iter()
        .map(|line| line.points.len())
        .max()
        .unwrap_or(1);
    let x = |column: usize| LEFT + across * rows(column) / f64::max(rows(columns) - 1.0, 1.0);
    if let Some(line) = lines.iter().max_by_key(|line| line.points.len()) {
        for (column, (size, _)) in line.points.iter().enumerate() {
            svg.text(x(column), TOP + DOWN + 18.0, "middle", &size.to_string());
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let path: Vec<String> = line
            .points
            .iter()
            .enumerate()
            .map(|(column, (_, y))| {
                format!(
                    "{:.1},{:.1}",
                    x(column),
                    TOP + DOWN * (1.0 - scale.place(*y))
                )
            })
            .collect();
        svg.draw(&format!(
            r#"<polyline points="{}" stroke="{colour}" stroke-width="2.5" fill="none"/>"#,
            path.join(" ")
        ));
        let y = TOP + 14.0 + 20.0 * rows(at);
        svg.draw(&format!(
            r#"<rect x="8" y="{}" width="12" height="12" fill="{colour}"/>"#,
            y - 10.0
        ));
        svg.text(26.0, y, "start", &line.name);
    }
    svg.finish()
}

#[expect(clippy::cast_precision_loss, reason = "a handful of rows")]
fn rows(count: usize) -> f64 {
    count as f64
}

struct Svg(String);

impl Svg {
    fn new(title: &str, height: f64) -> Self {
        let mut svg = Self(format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#fff"/>"##
        ));
        svg.text(12.0, 24.0, "start", title);
        svg
    }

    fn draw(&mut self, element: &str) {
        self.0 += element;
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let _ = write!(
            self.0,
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    fn finish(mut self) -> String {
        self.0 += "</svg>\n";
        self.0
    }
}
