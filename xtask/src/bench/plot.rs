//! Plots as SVG: bars for subjects side by side, lines for what grows. They are readable on light and on dark.

use std::fmt::Write;

const WIDTH: f64 = 760.0;

/// Colours that differ for everybody, and stand out from white and from black.
const COLOURS: [&str; 4] = ["#2f7ed8", "#d9822b", "#0f9960", "#a854a8"];

const GREY: &str = "#888";

/// A bar: what it is called, how long it is, and from where to where the runs went.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    /// Whether it is what the plot is about.
    pub(crate) ours: bool,
}

/// A line through points.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Bars from left to right, one below the other.
pub(crate) fn bars(title: &str, bars: &[Bar]) -> String {
    const LEFT: f64 = 170.0;
    const STEP: f64 = 30.0;
    let most = bars.iter().map(|bar| bar.max).fold(1.0, f64::max);
    let length = |value: f64| value / most * (WIDTH - LEFT - 110.0);
    let mut svg = opened(title, 60.0 + STEP * bars.len() as f64);
    for (number, bar) in bars.iter().enumerate() {
        let y = 44.0 + STEP * number as f64;
        let colour = if bar.ours { COLOURS[0] } else { GREY };
        text(&mut svg, LEFT - 8.0, y + 15.0, "end", &bar.name);
        let _ = writeln!(
            svg,
            r#"<rect x="{LEFT}" y="{y:.1}" width="{:.1}" height="20" fill="{colour}"/>"#,
            length(bar.value).max(1.0)
        );
        let (from, to, middle) = (LEFT + length(bar.min), LEFT + length(bar.max), y + 10.0);
        let _ = writeln!(svg, r#"<path d="M{from:.1} {middle:.1}H{to:.1}" stroke="{GREY}" stroke-width="2"/>"#);
        text(&mut svg, to + 8.0, y + 15.0, "start", &number_text(bar.value));
    }
    svg + "</svg>\n"
}

/// Lines over a scale on which every tenfold is one step. The other scale begins at nothing, or is of the same kind.
pub(crate) fn lines(title: &str, below: &str, lines: &[Line], logarithmic: bool) -> String {
    const LEFT: f64 = 80.0;
    const TOP: f64 = 50.0;
    const HEIGHT: f64 = 280.0;
    let right = WIDTH - 190.0;
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let (first, last) = points().fold((f64::MAX, 1.0_f64), |(a, b), (x, _)| (a.min(x), b.max(x)));
    let least = points().fold(f64::MAX, |a, (_, y)| a.min(y)).max(1.0);
    let most = points().fold(1.0_f64, |a, (_, y)| a.max(y));
    let x = |value: f64| LEFT + (value / first).log10() / (last / first).log10().max(0.1) * (right - LEFT);
    let (bottom, top) = (least.log10().floor(), most.log10().ceil());
    let y = |value: f64| {
        let share = if logarithmic {
            (value.max(1.0).log10() - bottom) / (top - bottom).max(1.0)
        } else {
            value / (most * 1.05)
        };
        TOP + HEIGHT * (1.0 - share)
    };

    let mut svg = opened(title, TOP + HEIGHT + 60.0);
    let marks: Vec<f64> = if logarithmic {
        (bottom as i32..=top as i32).map(|power| 10_f64.powi(power)).collect()
    } else {
        (0..=4).map(|part| most * f64::from(part) / 4.0).collect()
    };
    for mark in marks {
        let at = y(mark);
        let _ = writeln!(svg, r#"<path d="M{LEFT} {at:.1}H{right}" stroke="{GREY}" stroke-opacity="0.4"/>"#);
        text(&mut svg, LEFT - 8.0, at + 4.0, "end", &number_text(mark));
    }
    let mut steps: Vec<f64> = points().map(|(x, _)| x).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    for step in steps {
        text(&mut svg, x(step), TOP + HEIGHT + 20.0, "middle", &number_text(step));
    }
    text(&mut svg, f64::midpoint(LEFT, right), TOP + HEIGHT + 44.0, "middle", below);
    let mut names: Vec<(f64, usize)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let path: Vec<String> = line.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let _ = writeln!(
            svg,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2.5"/>"#,
            path.join(" ")
        );
        for (a, b) in &line.points {
            let _ = writeln!(svg, r#"<circle cx="{:.1}" cy="{:.1}" r="4" fill="{colour}"/>"#, x(*a), y(*b));
        }
        names.push((line.points.last().map_or(TOP, |(_, value)| y(*value)), number));
    }
    // Names stand beside the ends of their lines, as far apart as they need.
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = TOP;
    for (at, number) in names {
        let at = at.max(free);
        free = at + 18.0;
        let colour = COLOURS[number % COLOURS.len()];
        let _ = writeln!(svg, r#"<circle cx="{:.1}" cy="{at:.1}" r="4" fill="{colour}"/>"#, right + 16.0);
        text(&mut svg, right + 26.0, at + 4.0, "start", &lines[number].name);
    }
    svg + "</svg>\n"
}

fn opened(title: &str, height: f64) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        escaped(title)
    );
    let _ = writeln!(svg, "<text x=\"16\" y=\"26\" font-size=\"16\" fill=\"#222\">{}</text>", escaped(title));
    svg
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#222\">{words}</text>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number with its thousands apart.
pub(crate) fn number_text(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every element that is opened is closed, in order, and no text holds what must be escaped.
    fn assert_well_formed(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        let mut rest = svg;
        while let Some((text, behind)) = rest.split_once('<') {
            assert!(!text.contains('>'), "{text}");
            let (tag, after) = behind.split_once('>').expect("a tag ends");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag.trim_start_matches('/').split([' ', '/']).next().expect("a name");
            match tag {
                _ if tag.starts_with('/') => assert_eq!(open.pop(), Some(name)),
                _ if tag.ends_with('/') => {}
                _ => open.push(name),
            }
            rest = after;
        }
        assert!(open.is_empty(), "{open:?} stays open");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn bars_are_well_formed() {
        let bar = |name: &str, value| Bar { name: name.to_owned(), value, min: value * 0.9, max: value, ours: true };
        let svg = bars("GET & <POST>", &[bar("a < \"b\"", 100.0), bar("c", 0.0)]);
        assert_well_formed(&svg);
        assert!(svg.contains("GET &amp; &lt;POST&gt;"));
        assert_eq!(svg.matches("<rect").count(), 3);
        assert_well_formed(&bars("none", &[]));
    }

    #[test]
    fn lines_are_well_formed() {
        let line = |name: &str, points: &[(f64, f64)]| Line { name: name.to_owned(), points: points.to_vec() };
        let some = [line("a", &[(1.0, 10.0), (100.0, 20.0)]), line("b", &[(1.0, 5000.0), (100.0, 0.0)])];
        for logarithmic in [false, true] {
            let svg = lines("t", "x", &some, logarithmic);
            assert_well_formed(&svg);
            assert_eq!(svg.matches("<polyline").count(), 2);
            assert_well_formed(&lines("t", "x", &[line("a", &[(7.0, 7.0)])], logarithmic));
            assert_well_formed(&lines("t", "x", &[], logarithmic));
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0.0, "0"), (999.4, "999"), (1000.0, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(number_text(number), text);
        }
    }
}
