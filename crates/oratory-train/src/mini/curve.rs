//! Draws how a training went, from its log: loss and right answers over tokens, as an SVG picture.

use serde_json::Value;

const WIDE: f64 = 720.0;
const HIGH: f64 = 400.0;
const EDGE: f64 = 50.0;

/// Returns the picture of a log of one JSON object per line.
pub(super) fn picture(title: &str, log: &str) -> String {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let lines: Vec<Value> = lines.collect();
    let points = |key: &str| -> Vec<(f64, f64)> {
        let point = |line: &Value| Some((line.get("tokens")?.as_f64()?, line.get(key)?.as_f64()?));
        lines.iter().filter_map(point).collect()
    };
    let (losses, held) = (points("loss"), points("held"));
    let far = losses.iter().map(|(tokens, _)| *tokens).fold(1.0, f64::max);
    let most = losses.iter().map(|(_, loss)| *loss).fold(0.1, f64::max).min(6.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDE} {HIGH}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDE}\" height=\"{HIGH}\" \
         fill=\"white\"/>\n<text x=\"{EDGE}\" y=\"20\">{title}: loss per answer token (blue), share \
         of held-out answers that are good (orange), over million tokens</text>\n"
    );
    for part in 0..=4 {
        let share = f64::from(part) / 4.0;
        let (x, y) = place(share, share);
        let bottom = HIGH - EDGE;
        out += &format!(
            "<path d=\"M{EDGE} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"8\" y=\"{y:.1}\">{:.2}</text>\
             <text x=\"{:.1}\" y=\"{y:.1}\">{:.0} %</text><text x=\"{x:.1}\" y=\"{:.1}\">{:.1}</text>\n",
            WIDE - EDGE,
            share * most,
            WIDE - EDGE + 4.0,
            share * 100.0,
            bottom + 20.0,
            share * far / 1e6,
        );
    }
    out += &line(&losses, far, most, "#1f5fbf");
    out += &line(&held, far, 1.0, "#d9730d");
    out + "</svg>\n"
}

fn place(across: f64, up: f64) -> (f64, f64) {
    (EDGE + across * (WIDE - 2.0 * EDGE), HIGH - EDGE - up.clamp(0.0, 1.0) * (HIGH - 2.0 * EDGE))
}

fn line(points: &[(f64, f64)], far: f64, most: f64, colour: &str) -> String {
    let places = points.iter().map(|(tokens, value)| place(tokens / far, value / most));
    let places: Vec<String> = places.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    format!("<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\"/>\n", places.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_two_lines_whatever_was_cut_off_in_it() {
        let log = "{\"tokens\": 0, \"loss\": 2.0}\n{\"tokens\": 100, \"loss\": 1.0, \"held\": 0.5}\n{\"tok";
        let picture = picture("tiny", log);
        // From the upper left, to the lower right at half the height.
        assert!(picture.contains("points=\"50.0,50.0 670.0,200.0\""), "{picture}");
        assert!(picture.contains("points=\"670.0,200.0\""), "{picture}");
        assert!(picture.ends_with("</svg>\n"));
    }
}
