use super::*;
use app::model::moment::SECOND;

/// Random numbers that are the same for the same seed (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

const START: Moment = Moment(1_795_000_000_000);

/// As it is where nobody chose a quiet time.
const FIRST: Plan = Plan::First(QUIET);

fn fact(source: &str, at: Moment) -> Fact<'_> {
    Fact { call: "sts:GetCallerIdentity".into(), source, region: "eu-west-1", agent: "aws-cli", at }
}

#[test]
fn the_first_is_told_and_the_rest_is_counted_until_the_quiet_time_is_over() {
    let mut state = State::default();
    assert!(state.hear(FIRST, &fact("203.0.113.7", START), START));
    for second in 1..=12 {
        let now = START.plus(second * SECOND);
        assert!(!state.hear(FIRST, &fact("203.0.113.7", now), now));
    }
    assert_eq!(state.due_at, START.plus(QUIET));
    let due = state.due_at;
    let told = state.digest(due);
    assert_eq!((told.count, told.by_call["sts:GetCallerIdentity"], told.by_source["203.0.113.7"]), (12, 12, 12));
    assert_eq!((told.first_at, told.last_at), (Some(START.plus(SECOND)), Some(START.plus(12 * SECOND))));
    // It goes on being quiet, and ends when nothing was held.
    let soon = due.plus(MINUTE);
    assert!(!state.hear(FIRST, &fact("203.0.113.7", soon), soon));
    state.digest(due.plus(QUIET));
    let later = due.plus(2 * QUIET);
    assert!(state.hear(FIRST, &fact("203.0.113.7", later), later));
}

#[test]
fn each_new_thing_breaks_the_quiet_but_not_for_ever() {
    let mut state = State::default();
    let first = fact("203.0.113.7", START);
    assert!(state.hear(FIRST, &first, START));
    for new in [
        Fact { source: "203.0.113.8", ..first.clone() },
        Fact { region: "us-east-1", ..first.clone() },
        Fact { agent: "boto3", ..first.clone() },
        Fact { call: "iam:ListUsers".into(), ..first.clone() },
    ] {
        assert!(state.hear(FIRST, &new, START), "{new:?} is new");
        assert!(!state.hear(FIRST, &new, START), "{new:?} is not new any more");
    }
    let agents: Vec<String> = (0..1_000).map(|n| format!("agent {n}")).collect();
    let told = agents.iter().filter(|agent| state.hear(FIRST, &Fact { agent, ..first.clone() }, START)).count();
    assert_eq!(told, 1, "five in all");
    assert_eq!(state.held.count, 4 + 999);
    assert!(serde_json::to_string(&state).unwrap().len() < 10_000, "what is remembered is bounded");
}

#[test]
fn the_counts_by_name_are_bounded_and_the_whole_is_right() {
    let mut tally = Tally::default();
    let sources: Vec<String> = (0..500).map(|n| format!("203.0.113.{n}{}", "x".repeat(500))).collect();
    sources.iter().for_each(|source| tally.add(&fact(source, START)));
    assert_eq!((tally.count, tally.by_source.len(), tally.by_call["sts:GetCallerIdentity"]), (500, tally::NAMED, 500));
    assert!(serde_json::to_string(&tally).unwrap().len() < 20_000);
}

#[test]
fn a_plan_follows_from_pace_and_sleep() {
    let plan = |pace, incident, asleep| Plan::of((pace, 15), incident, asleep, 7, START);
    assert_eq!(plan(Pace::Every, true, None), Plan::Now);
    assert_eq!(plan(Pace::Incident, true, None), FIRST);
    assert_eq!(Plan::of((Pace::Incident, 240), true, None, 7, START), Plan::First(4 * HOUR));
    assert_eq!(plan(Pace::Incident, false, None), Plan::Now);
    assert_eq!(plan(Pace::Every, true, Some(START.plus(HOUR))), Plan::Until(START.plus(HOUR)));
    let at = |text: &str| Moment::parse(text).unwrap();
    let daily = |now: &str| Plan::of((Pace::Daily, 15), true, None, 7, at(now));
    assert_eq!(daily("2026-11-21T06:59:59Z"), Plan::Until(at("2026-11-21T07:00:00Z")));
    assert_eq!(daily("2026-11-21T07:00:00Z"), Plan::Until(at("2026-11-22T07:00:00Z")));
}

#[test]
fn what_was_held_for_tomorrow_does_not_silence_who_wants_to_hear_at_once() {
    let mut state = State::default();
    assert!(!state.hear(Plan::Until(START.plus(DAY)), &fact("a", START), START));
    assert!(state.hear(FIRST, &fact("a", START), START), "nobody was told of it so far");
    assert!(!state.hear(FIRST, &fact("a", START), START));
    assert_eq!((state.held.count, state.due_at), (2, START.plus(QUIET)));
}

/// A quiet time that somebody may choose, in minutes.
fn chosen(dice: &mut Dice) -> i64 {
    let choices = [1, 5, 15, 30, 60, 240, 1_440];
    choices[usize::try_from(dice.below(choices.len() as u64)).unwrap()]
}

#[test]
fn each_quiet_time_is_as_long_as_it_was_chosen() {
    for quiet in [MINUTE, 5 * MINUTE, HOUR, 4 * HOUR, DAY] {
        let (plan, mut state) = (Plan::First(quiet), State::default());
        assert!(state.hear(plan, &fact("a", START), START));
        let last = START.plus(quiet - 1);
        assert!(!state.hear(plan, &fact("a", last), last));
        assert_eq!((state.due_at, state.digest(state.due_at).count), (START.plus(quiet), 1));
        let last = START.plus(2 * quiet - 1);
        assert!(!state.hear(plan, &fact("a", last), last), "after a digest it is quiet for as long");
        state.digest(state.due_at);
        let next = START.plus(3 * quiet);
        assert!(state.hear(plan, &fact("a", next), next));
        assert!(state.due_at >= next.plus(quiet), "it is not forgotten while it is quiet");
    }
}

#[test]
fn a_quiet_time_that_is_changed_counts_from_the_next_alert_on() {
    let mut state = State::default();
    let at = |minutes| START.plus(minutes * MINUTE);
    let mut hear = |quiet: i64, minutes| {
        let told = state.hear(Plan::First(quiet * MINUTE), &fact("a", at(minutes)), at(minutes));
        (told, state.held.count, state.due_at)
    };
    assert!(hear(240, 0).0);
    assert_eq!(hear(240, 1), (false, 1, at(240)));
    assert_eq!(hear(30, 2), (false, 2, at(30)), "shorter: what is held comes sooner");
    assert_eq!(hear(60, 3), (false, 3, at(30)), "longer: what is held comes no later");
    assert_eq!(hear(5, 20), (false, 4, at(5)), "it is over already, so that all of it is due");
    assert_eq!(state.digest(at(20)).count, 4);
    assert!(state.hear(Plan::First(5 * MINUTE), &fact("a", at(25)), at(25)));
}

#[test]
fn what_was_kept_before_there_was_a_choice_goes_on_with_fifteen_minutes() {
    let old = format!(r#"{{"quiet_until":"{}","early":1,"seen":{{}},"held":{{}}}}"#, START.plus(QUIET).rfc3339());
    let mut state: State = serde_json::from_str(&old).unwrap();
    assert_eq!((state.quiet, state.early), (QUIET, 1));
    assert!(!state.hear(Plan::First(QUIET), &Fact { at: START, ..Fact::default() }, START));
    assert_eq!(state.due_at, START.plus(QUIET));
}

/// Whatever comes whenever, at whatever pace, and however late the digests are: each piece of news is told once.
#[test]
fn nothing_is_dropped_and_nothing_is_told_twice() {
    for seed in (1..=300_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
        let mut dice = Dice(seed);
        let (mut state, mut now) = (State::default(), START);
        let (mut hits, mut told, mut counted, mut digests, mut early) = (0, 0, 0, 0, 0_i64);
        let mut quiet = chosen(&mut dice);
        for _ in 0..400 {
            // Somebody changes their mind.
            if dice.below(60) == 0 {
                quiet = chosen(&mut dice);
            }
            now = now.plus(match dice.below(10) {
                0 => i64::try_from(dice.below(40)).unwrap() * MINUTE,
                _ => i64::try_from(dice.below(30)).unwrap() * SECOND,
            });
            // The runner may be late, or away for a while.
            if dice.below(3) > 0 && state.held.count > 0 && state.due_at <= now {
                let digest = state.digest(now);
                assert!(digest.count > 0 && digest.first_at <= digest.last_at);
                assert_eq!(digest.by_call.values().sum::<i64>(), digest.count, "three calls have names");
                (counted, digests) = (counted + digest.count, digests + 1);
            }
            let pace = Pace::ALL[usize::try_from(dice.below(12)).unwrap().saturating_sub(9)];
            let asleep = (dice.below(20) == 0).then(|| now.plus(8 * HOUR));
            let agent = format!("agent {}", dice.below(60));
            let source = format!("203.0.113.{}", dice.below(80));
            let call =
                ["s3:ListBuckets", "iam:ListUsers", "sts:GetCallerIdentity"][usize::try_from(dice.below(3)).unwrap()];
            let fact = Fact { call: call.into(), source: &source, region: "eu-west-1", agent: &agent, at: now };
            let before = (state.quiet_until, state.early, state.quiet);
            let plan = Plan::of((pace, quiet), dice.below(9) > 0, asleep, 7, now);
            hits += 1;
            if state.hear(plan, &fact, now) {
                told += 1;
                let length = state.quiet - before.2;
                let same = before.0.map(|until| until.plus(length)) == state.quiet_until;
                early += i64::from(matches!(plan, Plan::First(_)) && same);
            }
            assert!(state.early <= EARLY);
            // However long it is quiet, it never is for longer than that.
            assert!(state.quiet_until.is_none_or(|until| until <= now.plus(state.quiet)), "seed {seed}");
            // What is held always has a time at which it goes out, and not later than a day from now.
            assert!(state.held.count == 0 || state.due_at <= now.plus(DAY), "seed {seed}");
            let again: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            state = State { due_at: state.due_at, ..again };
        }
        assert_eq!(told + counted + state.held.count, hits, "seed {seed}");
        assert!(early <= 5 * (hits - early), "seed {seed}: {early} of {hits} broke the quiet");
        assert!(digests > 0 || state.held.count == 0 || told > 0);
    }
}

/// A piece of news, as the naive teller keeps it.
#[derive(Clone, Debug)]
struct Piece {
    source: String,
    agent: String,
    call: String,
    at: Moment,
    /// Whether it came at the pace at which what is new is told.
    first: bool,
    /// Until when it is held, if it is.
    held: Option<Moment>,
    /// How often it was told, at once or in a digest.
    told: u32,
}

/// The same rules without any state but the list of all that happened, which is looked through for each piece of news.
#[derive(Default)]
struct Naive {
    news: Vec<Piece>,
    /// When it last began to be quiet, and how often something new was told since.
    quiet: Option<(Moment, u32)>,
    /// How long the quiet time was when something last came that cares.
    lasts: i64,
}

impl Naive {
    fn held(&self) -> impl Iterator<Item = &Piece> {
        self.news.iter().filter(|piece| piece.held.is_some())
    }

    fn due(&self) -> Option<Moment> {
        self.held().filter_map(|piece| piece.held).min()
    }

    /// Whether it is told at once.
    fn hear(&mut self, plan: Plan, mut piece: Piece, now: Moment) -> bool {
        let before = || self.news.iter().filter(|known| known.first);
        let new = !(before().any(|known| known.source == piece.source)
            && before().any(|known| known.agent == piece.agent)
            && before().any(|known| known.call == piece.call));
        // Who chose another quiet time wants what is held by the end of that.
        if let (Plan::First(lasts), Some((began, _))) = (plan, self.quiet)
            && lasts != self.lasts
        {
            for held in self.news.iter_mut().filter_map(|piece| piece.held.as_mut()) {
                *held = (*held).min(began.plus(lasts));
            }
        }
        if let Plan::First(lasts) = plan {
            self.lasts = lasts;
        }
        let overdue = self.due().is_some_and(|due| due <= now);
        piece.first = matches!(plan, Plan::First(_));
        piece.held = match (plan, &mut self.quiet) {
            (Plan::Now, _) => None,
            (Plan::Until(until), _) => Some(until),
            (Plan::First(lasts), Some((began, early))) if now < began.plus(lasts) || overdue => {
                if new && *early < EARLY {
                    *early += 1;
                    None
                } else {
                    Some(began.plus(lasts))
                }
            }
            (Plan::First(_), quiet) => {
                *quiet = Some((now, 0));
                None
            }
        };
        piece.told = u32::from(piece.held.is_none());
        let at_once = piece.held.is_none();
        self.news.push(piece);
        at_once
    }

    /// What a digest has to say now.
    fn digest(&mut self, now: Moment) -> Tally {
        let mut tally = Tally::default();
        for piece in self.news.iter_mut().filter(|piece| piece.held.is_some()) {
            tally.count += 1;
            *tally.by_call.entry(piece.call.clone()).or_default() += 1;
            *tally.by_source.entry(piece.source.clone()).or_default() += 1;
            tally.first_at = tally.first_at.into_iter().chain([piece.at]).min();
            tally.last_at = tally.last_at.into_iter().chain([piece.at]).max();
            (piece.held, piece.told) = (None, piece.told + 1);
        }
        self.quiet = Some((now, 0));
        tally
    }
}

/// Whatever comes whenever: what is told, held and counted is what a teller says who remembers everything and keeps no
/// state, and each piece of news is told exactly once.
#[test]
fn the_rules_are_those_of_a_teller_who_remembers_everything() {
    for seed in (1..=200_u64).map(|n| n.wrapping_mul(0xd134_2543_de82_ef95)) {
        let mut dice = Dice(seed);
        let (mut state, mut naive, mut now) = (State::default(), Naive::default(), START);
        let hurry = dice.below(4);
        let mut quiet = chosen(&mut dice);
        naive.lasts = QUIET;
        for n in 0..250 {
            if dice.below(40) == 0 {
                quiet = chosen(&mut dice);
            }
            now = now.plus(match dice.below(4) {
                0 => i64::try_from(dice.below(20 << hurry)).unwrap() * MINUTE / 2,
                _ => i64::try_from(dice.below(30 << hurry)).unwrap() * SECOND,
            });
            // The runner comes in time, late, or not for a while.
            if dice.below(3) > 0 && naive.due().is_some_and(|due| due <= now) {
                assert_eq!(state.due_at, naive.due().unwrap(), "seed {seed}, {n}");
                assert_eq!(state.digest(now), naive.digest(now), "seed {seed}, {n}");
            }
            let pace = Pace::ALL[usize::try_from(dice.below(10)).unwrap().saturating_sub(7)];
            let asleep = (dice.below(15) == 0).then(|| now.plus(8 * HOUR));
            let plan = Plan::of((pace, quiet), dice.below(6) > 0, asleep, 7, now);
            let piece = Piece {
                source: format!("203.0.113.{}", dice.below(KEPT as u64 - 1)),
                agent: format!("agent {}", dice.below(12)),
                call: ["s3:ListBuckets", "iam:ListUsers"][usize::try_from(dice.below(2)).unwrap()].to_owned(),
                // Records come in any order.
                at: now.plus(-i64::try_from(dice.below(900)).unwrap() * SECOND),
                first: false,
                held: None,
                told: 0,
            };
            let Piece { source, agent, call, at, .. } = piece.clone();
            let fact = Fact { call, source: &source, region: "eu-west-1", agent: &agent, at };
            let told = state.hear(plan, &fact, now);
            assert_eq!(told, naive.hear(plan, piece, now), "seed {seed}, {n}: {plan:?}");
            assert_eq!(state.held.count, i64::try_from(naive.held().count()).unwrap(), "seed {seed}, {n}");
        }
        let end = now.plus(2 * DAY);
        assert_eq!(state.digest(end), naive.digest(end), "seed {seed}");
        assert!(naive.news.iter().all(|piece| piece.told == 1), "seed {seed}: each is told once");
        assert_eq!(state.held, Tally::default());
    }
}
