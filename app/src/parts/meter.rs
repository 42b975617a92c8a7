//! How full something is.

use leptos::prelude::*;

/// The width of the drawing, in its own units.
const WIDTH: i64 = 100;

/// A bar that fills up, with the numbers beside it. `says` is what screen readers get instead of the bar.
#[component]
pub fn Meter(
    /// How much there is.
    is: i64,
    /// How much there may be.
    most: i64,
    /// Both in words: `412 of 5,000 IAM users`.
    says: String,
) -> impl IntoView {
    let most = most.max(1);
    // Something is seen of the smallest part, and nothing sticks out.
    let filled = if is <= 0 { 0 } else { (is.saturating_mul(WIDTH) / most).clamp(1, WIDTH) };
    let class = if is.saturating_mul(10) >= most.saturating_mul(9) { "meter full" } else { "meter" };
    view! {
        <span class=class>
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect class="meter-room" width=WIDTH height="6" rx="1" />
                <rect class="meter-fill" width=filled height="6" rx="1" />
            </svg>
            <span>{says}</span>
        </span>
    }
}

/// A number with commas between its thousands.
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_have_commas() {
        for (number, text) in [(0, "0"), (999, "999"), (5_000, "5,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000")] {
            assert_eq!(thousands(number), text);
        }
    }
}
