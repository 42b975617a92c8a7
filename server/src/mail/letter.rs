//! A letter: what a mail says, written once and rendered as text and as HTML.
//!
//! Everything in it is text. What it renders is escaped here and nowhere else, so that no caller can forget to.

/// What a mail says.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    title: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Paragraph(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// What to press, and where it leads.
    Link(String, String),
    /// Somebody's own words, under a heading.
    Quote(String, String),
    /// At the foot, smaller.
    Foot(String),
}

impl Letter {
    /// An empty letter; the title is its first line.
    pub fn new(title: &str) -> Self {
        Self { title: one_line(title), parts: Vec::new() }
    }

    /// A letter of paragraphs, which blank lines separate. A line that is a link becomes one.
    pub fn of_paragraphs(title: &str, text: &str) -> Self {
        let mut letter = Self::new(title);
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let link = line.starts_with("https://") || line.starts_with("http://");
            letter = if link { letter.link(line, line) } else { letter.say(line) };
        }
        letter
    }

    /// Adds a paragraph.
    pub fn say(mut self, text: &str) -> Self {
        self.parts.push(Part::Paragraph(lines(text)));
        self
    }

    /// Adds a table of names and values; values that are empty are left out.
    pub fn facts(mut self, facts: &[(&str, String)]) -> Self {
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), one_line(value)));
        self.parts.push(Part::Facts(facts.filter(|(_, value)| !value.is_empty()).collect()));
        self
    }

    /// Adds a link. The address is one of ours.
    pub fn link(mut self, text: &str, address: &str) -> Self {
        self.parts.push(Part::Link(one_line(text), one_line(address)));
        self
    }

    /// Adds somebody's own words under a heading; nothing, if there are none.
    pub fn quote(mut self, heading: &str, words: &str) -> Self {
        if !words.trim().is_empty() {
            self.parts.push(Part::Quote(heading.to_owned(), lines(words)));
        }
        self
    }

    /// Adds a remark at the foot.
    pub fn foot(mut self, text: &str) -> Self {
        self.parts.push(Part::Foot(lines(text)));
        self
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let mut parts = vec![self.title.clone()];
        for part in &self.parts {
            parts.push(match part {
                Part::Paragraph(text) => text.clone(),
                Part::Facts(facts) => {
                    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(NAMES) + 2;
                    let rows = facts.iter().map(|(name, value)| format!("{:width$}{value}", format!("{name}:")));
                    rows.collect::<Vec<_>>().join("\n")
                }
                Part::Link(text, address) if text == address => address.clone(),
                Part::Link(text, address) => format!("{text}:\n{address}"),
                Part::Quote(heading, words) => {
                    let quoted = words.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
                    format!("{heading}:\n{quoted}")
                }
                Part::Foot(text) => format!("-- \n{text}"),
            });
        }
        parts.join("\n\n") + "\n"
    }

    /// As HTML, light or dark as its reader prefers. Where a mail program drops the colours, its own ones hold; lines have
    /// enough contrast on both.
    pub fn html(&self) -> String {
        let mut body =
            format!("<h1 style=\"font-size:20px;line-height:1.3;margin:0 0 16px\">{}</h1>", escape(&self.title));
        for part in &self.parts {
            body.push_str(&match part {
                Part::Paragraph(text) => format!("<p style=\"margin:0 0 16px\">{}</p>", escaped_lines(text)),
                Part::Facts(facts) => {
                    let rows: String = facts
                        .iter()
                        .map(|(name, value)| {
                            format!(
                                "<tr><th scope=\"row\" style=\"{TH}\">{}</th><td style=\"{TD}\">{}</td></tr>",
                                escape(name),
                                escape(value)
                            )
                        })
                        .collect();
                    format!("<table style=\"border-collapse:collapse;margin:0 0 16px\">{rows}</table>")
                }
                Part::Link(text, address) => {
                    format!("<p style=\"margin:0 0 16px\"><a href=\"{}\">{}</a></p>", escape(address), escape(text))
                }
                Part::Quote(heading, words) => format!(
                    "<p style=\"margin:0 0 4px\"><strong>{}</strong></p><blockquote style=\"margin:0 0 16px;\
                     padding:0 0 0 12px;border-left:3px solid #888\">{}</blockquote>",
                    escape(heading),
                    escaped_lines(words)
                ),
                Part::Foot(text) => format!(
                    "<p style=\"margin:24px 0 0;padding:12px 0 0;border-top:1px solid #888;font-size:13px\">{}</p>",
                    escaped_lines(text)
                ),
            });
        }
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
             <title>{title}</title><style>{COLOURS}</style></head>\
             <body style=\"margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif\">\
             <div style=\"max-width:640px\">{body}</div></body></html>\n",
            title = escape(&self.title),
        )
    }
}

/// Ink and ground for both sorts of readers: each pair has a contrast of more than 7 to 1.
const COLOURS: &str = ":root{color-scheme:light dark;supported-color-schemes:light dark}\
    body{background:#ffffff;color:#1a1c1e}a{color:#0a4a8f}\
    @media (prefers-color-scheme:dark){body{background:#16181b;color:#e9eaec}a{color:#9cc4ff}}";

const TH: &str =
    "width:140px;text-align:left;vertical-align:top;font-weight:600;padding:4px 16px 4px 0;white-space:nowrap";
const TD: &str = "text-align:left;vertical-align:top;padding:4px 0;word-break:break-word";

/// How wide the column of names is at least in plain text, in characters, so that two tables align.
const NAMES: usize = 16;

/// How long one line of outside text may be, in characters.
const LONGEST: usize = 1_000;

/// Text from outside as one line: without control characters, and without those that turn the direction of writing
/// around, with which a user agent could make a line read as another one.
pub fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !hidden(*c));
    let joined = spaced.collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= LONGEST { joined } else { joined.chars().take(LONGEST).chain(['…']).collect() }
}

/// Text from outside with its lines kept.
fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn escaped_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter::new("A key was used")
            .say("Somebody used <it>.")
            .facts(&[
                ("Where", "laptop of ana".into()),
                ("Error", String::new()),
                ("Agent", "a\u{202e}b\r\nBcc: x".into()),
            ])
            .quote("What to do", "Rotate the key.\nCall <b>Ana</b>.")
            .link("See the token", "https://aviary.example.com/tokens/1?a=1&b=2")
    }

    #[test]
    fn as_text_it_reads_like_a_mail() {
        assert_eq!(
            letter().text(),
            "A key was used\n\nSomebody used <it>.\n\nWhere:            laptop of ana\nAgent:            ab Bcc: x\n\n\
             What to do:\n    Rotate the key.\n    Call <b>Ana</b>.\n\n\
             See the token:\nhttps://aviary.example.com/tokens/1?a=1&b=2\n"
        );
    }

    #[test]
    fn as_html_everything_is_escaped() {
        let html = letter().html();
        assert!(html.contains("Somebody used &lt;it&gt;."), "{html}");
        assert!(html.contains("Rotate the key.<br>Call &lt;b&gt;Ana&lt;/b&gt;."), "{html}");
        assert!(html.contains("href=\"https://aviary.example.com/tokens/1?a=1&amp;b=2\""), "{html}");
        assert!(!html.contains("Error"), "{html}");
    }

    #[test]
    fn as_html_it_reads_on_light_and_on_dark() {
        let html = letter().html();
        assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"), "{html}");
        let (light, dark) = html.split_once("@media (prefers-color-scheme:dark){").unwrap();
        for colours in [light, dark] {
            let pair = |name: &str| {
                let at = colours.find(name).unwrap() + name.len();
                luminance(&colours[at..at + 6])
            };
            let ground = pair("body{background:#");
            let ink = luminance(colours.split_once(";color:#").unwrap().1.get(..6).unwrap());
            for one in [ink, pair("a{color:#")] {
                let (high, low) = (one.max(ground), one.min(ground));
                assert!((high + 0.05) / (low + 0.05) >= 7.0, "{one} on {ground}");
            }
        }
        let body = html.split_once("<body").unwrap().1;
        assert!(!body.contains("color:"), "what is drawn has no colour of its own: {body}");
    }

    /// Relative luminance, as WCAG 2 defines it.
    fn luminance(hex: &str) -> f64 {
        let part = |at: usize| {
            let c = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.03928 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(one_line("  a\r\n\tb\u{0}\u{1b}[31m c "), "a b[31m c");
        assert_eq!(one_line(&"x".repeat(2_000)).chars().count(), LONGEST + 1);
    }
}
