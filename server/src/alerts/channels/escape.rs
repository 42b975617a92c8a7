//! Text from outside in the forms of the chat services: within their bounds, and such that nothing in it means anything.
//! A user agent is written by whoever used the key.

/// Writes one character so that it stands for itself; before and after it stand these.
pub(super) type Escape = fn(Option<char>, char, Option<char>, &mut String);

/// The text escaped and within `most` units of UTF-16, which is what the strictest services count; what does not fit is
/// left out, never half an escape, and `…` says so.
pub(super) fn fit(text: &str, most: usize, escape: Escape) -> String {
    let shown = visible(text);
    let mut fitted = String::new();
    let (mut size, mut whole) = (0, 0);
    let mut before = None;
    let mut rest = shown.chars().peekable();
    let mut piece = String::new();
    while let Some(c) = rest.next() {
        piece.clear();
        escape(before, c, rest.peek().copied(), &mut piece);
        size += units(&piece);
        if size > most {
            fitted.truncate(whole);
            return if most == 0 { String::new() } else { fitted + "…" };
        }
        fitted.push_str(&piece);
        // Up to here there is room for the mark that says that something is left out.
        if size < most {
            whole = fitted.len();
        }
        before = Some(c);
    }
    fitted
}

/// How long a text is in units of UTF-16.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Without control characters and those that turn the direction of writing around; lines are kept.
fn visible(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(crate::mail::letter::one_line).collect();
    lines.join("\n").trim().to_owned()
}

/// For what is shown as it is.
pub(super) fn plain(_: Option<char>, c: char, _: Option<char>, to: &mut String) {
    to.push(c);
}

/// For Slack's markup, where only these three mean something that can do harm: mentions and links stand in `<…>`.
pub(super) fn slack(_: Option<char>, c: char, _: Option<char>, to: &mut String) {
    match c {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        c => to.push(c),
    }
}

/// For the few tags of Google Chat's cards.
pub(super) fn html(_: Option<char>, c: char, _: Option<char>, to: &mut String) {
    match c {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        '"' => to.push_str("&quot;"),
        '\'' => to.push_str("&#39;"),
        '\n' => to.push_str("<br>"),
        c => to.push(c),
    }
}

/// For Discord: a backslash takes the meaning of any sign that follows it. Mentions are switched off besides.
pub(super) fn discord(_: Option<char>, c: char, next: Option<char>, to: &mut String) {
    let means = match c {
        ':' => next == Some('/'),
        c => "\\*_~`|<>[]()#@-".contains(c),
    };
    if means {
        to.push('\\');
    }
    to.push(c);
}

/// For Mattermost: a backslash before the signs of Markdown; mentions and bare links are broken by a space without
/// width, for which there is no escape.
pub(super) fn mattermost(before: Option<char>, c: char, next: Option<char>, to: &mut String) {
    if "\\*_~`|>[](){}#!+-".contains(c) {
        to.push('\\');
    }
    to.push(c);
    let mention = c == '@' && !before.is_some_and(char::is_alphanumeric);
    if mention || (c == ':' && next == Some('/')) {
        to.push('\u{200b}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "<!channel> <https://x.example|here> `a` *b* @here [l](https://x.example) & <b>";

    #[test]
    fn what_means_something_out_there_stands_for_itself() {
        assert_eq!(fit("<!channel> & <@U1>", 100, slack), "&lt;!channel&gt; &amp; &lt;@U1&gt;");
        assert_eq!(fit("<a href=\"x\">'\n&", 100, html), "&lt;a href=&quot;x&quot;&gt;&#39;<br>&amp;");
        let text = fit(NASTY, 1_000, discord);
        assert!(text.contains(r"\<!channel\> \<https\://x.example\|here\> \`a\` \*b\* \@here \[l\]\("), "{text}");
        let text = fit(NASTY, 1_000, mattermost);
        assert!(text.contains("<\\!channel\\> <https:\u{200b}//x.example\\|here\\> \\`a\\` \\*b\\* @\u{200b}here"));
        assert_eq!(fit("ana@example.com", 100, mattermost), "ana@example.com");
    }

    #[test]
    fn what_does_not_fit_is_left_out_whole() {
        assert_eq!(fit("abc", 3, plain), "abc");
        assert_eq!(fit("abcd", 3, plain), "ab…");
        assert_eq!(fit("a<b", 6, slack), "a&lt;b");
        assert_eq!(fit("a<bc", 6, slack), "a&lt;…");
        assert_eq!(fit("a<bc", 5, slack), "a…");
        assert_eq!(fit("😀😀", 3, plain), "😀…");
        assert_eq!(fit("abc", 0, plain), "");
        for most in 1..40 {
            for escape in [plain as Escape, slack, html, discord, mattermost] {
                assert!(units(&fit(NASTY, most, escape)) <= most);
            }
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_there() {
        assert_eq!(fit(" a\u{202e}b\u{0}\r\nc\td ", 100, plain), "ab\nc d");
    }
}
