//! Log files of trails in a bucket, by every sort of notice.

use super::{
    KEY, Listening, event, eventually,
    queue::{Queue, unique},
    record, ways,
};
use crate::{
    aws::emulator::{ACCOUNT, Emulator},
    logs,
};
use app::model::{moment::Moment, viewer::Viewer};
use aviary::{
    intake::scan::{
        Summary, Telling,
        bucket::{self, Order},
    },
    store::heard,
};
use aws_sdk_s3::{
    primitives::ByteStream,
    types::{Event, NotificationConfiguration, QueueConfiguration, TopicConfiguration},
};
use libdeflater::{CompressionLvl, Compressor};
use serde_json::{Value, json};

pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; compressor.gzip_compress_bound(content.len())];
    let size = compressor.gzip_compress(content, &mut out).unwrap();
    out.truncate(size);
    out
}

/// The key that CloudTrail gives a file.
pub fn key(name: &str) -> String {
    format!("AWSLogs/{ACCOUNT}/CloudTrail/eu-central-1/2026/03/01/{ACCOUNT}_CloudTrail_eu-central-1_{name}.json.gz")
}

/// A bucket of a trail.
pub struct Trail {
    pub s3: aws_sdk_s3::Client,
    pub bucket: String,
}

impl Trail {
    pub async fn new(aws: &Emulator) -> Self {
        let s3 = s3(aws).await;
        let bucket = unique("trail");
        s3.create_bucket().bucket(&bucket).send().await.unwrap();
        Self { s3, bucket }
    }

    pub async fn put(&self, key: &str, content: Vec<u8>) {
        self.s3.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(content)).send().await.unwrap();
    }

    /// A log file with these records.
    pub async fn put_records(&self, key: &str, records: &[Value]) {
        self.put(key, gzip(json!({ "Records": records }).to_string().as_bytes())).await;
    }

    /// CloudTrail's own notice.
    pub fn notice(&self, keys: &[&str]) -> String {
        json!({ "s3Bucket": self.bucket, "s3ObjectKey": keys }).to_string()
    }

    async fn notify(&self, configuration: NotificationConfiguration) {
        let asked = self.s3.put_bucket_notification_configuration().bucket(&self.bucket);
        asked.notification_configuration(configuration).send().await.unwrap();
    }

    async fn notify_queue(&self, queue: &Queue) {
        let to = QueueConfiguration::builder().queue_arn(&queue.arn).events(Event::from("s3:ObjectCreated:*"));
        self.notify(NotificationConfiguration::builder().queue_configurations(to.build().unwrap()).build()).await;
    }

    async fn notify_topic(&self, topic: &str) {
        let to = TopicConfiguration::builder().topic_arn(topic).events(Event::from("s3:ObjectCreated:*"));
        self.notify(NotificationConfiguration::builder().topic_configurations(to.build().unwrap()).build()).await;
    }
}

async fn s3(aws: &Emulator) -> aws_sdk_s3::Client {
    let config = aws.admin().await;
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build())
}

async fn sns(aws: &Emulator) -> aws_sdk_sns::Client {
    aws_sdk_sns::Client::new(&aws.admin().await)
}

/// A topic that tells a queue, with or without SNS's envelope.
async fn topic(aws: &Emulator, queue: &Queue, raw: bool) -> String {
    let sns = sns(aws).await;
    let topic = sns.create_topic().name(unique("topic")).send().await.unwrap().topic_arn.unwrap();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sns:Publish",
        "Principal": { "Service": "s3.amazonaws.com" }, "Resource": topic }] });
    let asked = sns.set_topic_attributes().topic_arn(&topic).attribute_name("Policy");
    asked.attribute_value(policy.to_string()).send().await.unwrap();
    let asked = sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(&queue.arn);
    asked.attributes("RawMessageDelivery", raw.to_string()).send().await.unwrap();
    topic
}

#[tokio::test]
async fn log_files_are_read_by_every_sort_of_notice() {
    let Some(aws) = Emulator::start("log files in a bucket").await else { return };
    let listening = Listening::new(&aws).await;
    // S3 → SQS, with a key that S3 encodes.
    let direct = Trail::new(&aws).await;
    direct.notify_queue(&listening.files).await;
    direct.put_records(&format!("of team a+b/{}", key("direct")), &[record("direct", KEY)]).await;
    // S3 → SNS → SQS, enveloped and raw.
    for raw in [false, true] {
        let trail = Trail::new(&aws).await;
        trail.notify_topic(&topic(&aws, &listening.files, raw).await).await;
        trail.put_records(&key("fanned"), &[record(&format!("fanned-{raw}"), KEY)]).await;
    }
    // CloudTrail → SNS → SQS, enveloped and raw, with two files in one notice.
    for raw in [false, true] {
        let trail = Trail::new(&aws).await;
        let keys = [key("one"), key("two")];
        for key in &keys {
            trail
                .put_records(key, &[record(&format!("{key}-{raw}"), KEY), record("other", "AKIAOTHER00000000000")])
                .await;
        }
        let notice = trail.notice(&[&keys[0], &keys[1]]);
        let topic = topic(&aws, &listening.files, raw).await;
        sns(&aws).await.publish().topic_arn(topic).message(notice).send().await.unwrap();
    }
    eventually("all of them are hits", async || listening.hits().await.len() == 8).await;
    listening.quiet().await;
    // "other" is of another key, but of the same user: its own hit, once.
    let hits = listening.hits().await;
    assert!(hits.iter().all(|hit| ways(hit) == ["trail"]), "{hits:?}");
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
    let mut session = listening.house.house.store.read().await.unwrap();
    let heard = heard::of_account(&mut session, ACCOUNT).await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0].region, "eu-central-1");
    assert!(heard[0].lag_ms > 0, "{heard:?}");
}

#[tokio::test]
async fn a_hit_that_two_ways_report_is_one_with_two_sources() {
    let Some(aws) = Emulator::start("two ways").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    listening.events.send(&event(&record("both", KEY))).await;
    listening.quiet().await;
    listening.house.clock.advance(300_000);
    trail.put_records(&key("both"), &[record("both", KEY)]).await;
    listening.files.send(&trail.notice(&[&key("both")])).await;
    listening.quiet().await;
    let hits = listening.hits().await;
    assert_eq!(hits.len(), 1);
    assert_eq!(ways(&hits[0]), ["eventbridge", "trail"]);
    assert!(hits[0]["sources"][0]["received_at"].as_str() < hits[0]["sources"][1]["received_at"].as_str());
}

/// The names that are watched are kept in memory from file to file; another process writes this one.
#[tokio::test]
async fn a_key_that_another_process_adopts_between_two_files_is_found_in_the_second() {
    const LATE: &str = "AKIALATE000000000001";
    let Some(aws) = Emulator::start("a key adopted between two files").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    let late = |id: &str| {
        let mut record = record(id, KEY);
        record["userIdentity"] = json!({ "type": "IAMUser", "accessKeyId": LATE, "accountId": ACCOUNT });
        record
    };
    trail.put_records(&key("first"), &[record("one", KEY), late("early")]).await;
    listening.files.send(&trail.notice(&[&key("first")])).await;
    eventually("the first file is read", async || listening.hits().await.len() == 1).await;
    listening.quiet().await;

    let facts = ["--access-key-id", LATE, "--location", "elsewhere", "--owner", "ana"];
    let adopted = listening.house.command(&[["token", "adopt"].as_slice(), facts.as_slice()].concat()).await;
    assert!(adopted.status.success(), "{}", String::from_utf8_lossy(&adopted.stderr));
    trail.put_records(&key("second"), &[late("late")]).await;
    listening.files.send(&trail.notice(&[&key("second")])).await;
    eventually("the second file is read", async || listening.hits().await.len() == 2).await;
    listening.quiet().await;
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
}

#[tokio::test]
async fn digests_insights_and_other_logs_are_passed_over() {
    let Some(aws) = Emulator::start("digests and insights").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    let of = |sort: &str| key("x").replace("/CloudTrail/", &format!("/{sort}/"));
    let keys = [of("CloudTrail-Digest"), of("CloudTrail-Insight"), of("Config"), key("digest"), key("insight")];
    for key in &keys[..3] {
        // What would be a hit, were it read.
        trail.put_records(key, &[record(key, KEY)]).await;
    }
    trail.put(&keys[3], gzip(&logs::own("digest.json"))).await;
    trail.put(&keys[4], gzip(&logs::own("insight.json"))).await;
    listening.files.send(&trail.notice(&keys.each_ref().map(String::as_str))).await;
    listening.quiet().await;
    assert_eq!(listening.hits().await.len(), 0);
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
}

#[tokio::test]
async fn files_that_cannot_be_read_are_kept_with_the_reason_and_lose_nothing_else() {
    let Some(aws) = Emulator::start("files that cannot be read").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    let mut large = vec![0; 11 << 20];
    aviary::house::Chance::fill(&aviary::house::SystemChance, &mut large);
    let bomb = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let portion = vec![b' '; 1 << 20];
        (0..=1024).for_each(|_| encoder.write_all(&portion).unwrap());
        encoder.finish().unwrap()
    };
    assert!(bomb.len() < 10 << 20);
    let mut damaged = gzip(json!({ "Records": [record("damaged", KEY)] }).to_string().as_bytes());
    damaged.truncate(damaged.len() - 4);
    for (name, content) in [("large", large), ("bomb", bomb), ("damaged", damaged), ("text", gzip(b"hello"))] {
        trail.put(&key(name), content).await;
        listening.files.send(&trail.notice(&[&key(name)])).await;
    }
    // A good file beside a bad one in the same notice.
    trail.put_records(&key("good"), &[record("good", KEY)]).await;
    listening.files.send(&trail.notice(&[&key("damaged"), &key("good")])).await;
    eventually("each is put aside", async || listening.files.dead_depth().await == 5).await;
    let hits = listening.hits().await;
    assert_eq!(hits.iter().map(|hit| hit["event_id"].as_str().unwrap()).collect::<Vec<_>>(), ["good"]);
    let kept = listening.quarantine().await;
    assert_eq!(kept.len(), 5, "{kept:?}");
    for why in ["more than 10 MiB", "more than 1 GiB", "damaged", "no JSON"] {
        assert!(kept.iter().any(|reason| reason.contains(why)), "{why}: {kept:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_waited_for() {
    let Some(aws) = Emulator::start("a file that is not there yet").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    listening.files.send(&trail.notice(&[&key("late")])).await;
    eventually("it is taken", async || listening.files.depth().await == 1).await;
    trail.put_records(&key("late"), &[record("late", KEY)]).await;
    listening.quiet().await;
    assert_eq!(listening.hits().await.len(), 1);
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_never_comes_is_kept_with_the_reason() {
    let Some(aws) = Emulator::start("a file that never comes").await else { return };
    let listening = Listening::with(&aws, aws.clients(None), 1).await;
    let trail = Trail::new(&aws).await;
    listening.files.send(&trail.notice(&[&key("never")])).await;
    eventually("it is kept", async || listening.quarantine().await.len() == 1).await;
    let kept = listening.quarantine().await;
    assert!(kept[0].contains("the object is not there"), "{kept:?}");
    eventually("it is put aside", async || listening.files.dead_depth().await == 1).await;
    assert_eq!(listening.quarantine().await.len(), 1);
}

#[tokio::test]
async fn every_recorded_file_in_the_bucket_gives_exactly_its_hits() {
    let Some(recorded) = logs::recorded() else { return };
    let Some(aws) = Emulator::start("recorded files in a bucket").await else { return };
    let listening = Listening::new(&aws).await;
    recorded.adopt_all(&listening.house).await;
    let trail = Trail::new(&aws).await;
    trail.notify_queue(&listening.files).await;
    for (key, content) in recorded.objects() {
        trail.put(&key, content).await;
    }
    // S3 tells of each a moment after it was put there.
    eventually("all are hits", async || recorded.all_came(&listening.house).await).await;
    listening.quiet().await;
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
    recorded.assert_in(&listening.house).await;
}

#[tokio::test]
async fn every_recorded_file_of_which_cloudtrails_topic_tells_a_queue_gives_exactly_its_hits() {
    let Some(recorded) = logs::recorded() else { return };
    let Some(aws) = Emulator::start("recorded files and CloudTrail's topic").await else { return };
    let listening = Listening::new(&aws).await;
    recorded.adopt_all(&listening.house).await;
    let (trail, sns) = (Trail::new(&aws).await, sns(&aws).await);
    let topic = topic(&aws, &listening.files, false).await;
    let objects = recorded.objects();
    for (key, content) in &objects {
        trail.put(key, content.clone()).await;
    }
    let keys: Vec<_> = objects.keys().map(String::as_str).collect();
    for keys in keys.chunks(5) {
        sns.publish().topic_arn(&topic).message(trail.notice(keys)).send().await.unwrap();
    }
    eventually("all are hits", async || recorded.all_came(&listening.house).await).await;
    listening.quiet().await;
    assert_eq!(listening.quarantine().await, Vec::<String>::new());
    recorded.assert_in(&listening.house).await;
}

/// Scans a bucket; what it came to, how many files were told of, and the key after which it went on.
async fn scan(listening: &Listening, order: Order, most: usize) -> (Option<Summary>, usize, Option<String>) {
    let (enough, mut told) = tokio::sync::watch::channel(0);
    let mut resumed = None;
    let mut tell = |telling: Telling<'_>| match telling {
        Telling::Progress { files, .. } => {
            // Each file is later than the one before, so that how far it got is written down.
            listening.house.clock.advance(3_000);
            enough.send_replace(files);
        }
        Telling::Resumed { after } => resumed = Some(after.to_owned()),
        Telling::Match { .. } => {}
        Telling::Problem { path, why } => panic!("{}: {why}", path.display()),
    };
    let system = Viewer::system("test");
    let done = tokio::select! {
        done = bucket::scan(&listening.house.house, &system, order, &mut tell) => Some(done.unwrap()),
        _ = told.wait_for(|files| *files >= most) => None,
    };
    let files = *enough.borrow();
    (done, files, resumed)
}

#[tokio::test]
async fn a_bucket_is_scanned_for_days_and_goes_on_where_it_was_cut_off() {
    let Some(aws) = Emulator::start("a scan of a bucket").await else { return };
    let listening = Listening::new(&aws).await;
    let trail = Trail::new(&aws).await;
    for day in 1..=9 {
        for region in ["eu-central-1", "us-east-1"] {
            let key = format!("AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/03/{day:02}/{ACCOUNT}_{day}.json.gz");
            trail.put_records(&key, &[record(&format!("{region}-{day}"), KEY)]).await;
            trail.put_records(&key.replace("/CloudTrail/", "/CloudTrail-Digest/"), &[record("digest", KEY)]).await;
        }
    }
    trail.put_records("copies/elsewhere.json.gz", &[record("elsewhere", KEY)]).await;
    let day = |text: &str| Moment::parse(text);
    let whole = Order::at(&format!("s3://{}", trail.bucket)).unwrap();
    let days = Order { from: day("2026-03-03"), to: day("2026-03-06"), ..whole.clone() };

    // Without filing: what is there is told, and nothing changes.
    let (summary, ..) = scan(&listening, days.clone(), usize::MAX).await;
    let summary = summary.unwrap();
    assert_eq!((summary.files, summary.matches, summary.new), (8, 8, 0));
    assert_eq!(listening.hits().await.len(), 0);

    // Filed, cut off, and gone on with.
    let days = Order { record: true, jobs: 1, ..days };
    let (cut, files, _) = scan(&listening, days.clone(), 3).await;
    assert!(cut.is_none() && files == 3);
    let (summary, files, resumed) = scan(&listening, days.clone(), usize::MAX).await;
    let resumed = resumed.expect("it goes on");
    assert!((5..8).contains(&files), "{files} after {resumed}");
    assert_eq!(listening.hits().await.len(), 8);
    assert!(summary.unwrap().new >= 5);
    // It was finished: the same begins from the beginning.
    let (summary, files, resumed) = scan(&listening, days.clone(), usize::MAX).await;
    assert_eq!((summary.unwrap().new, files, resumed), (0, 8, None));
    assert!(listening.hits().await.iter().all(|hit| ways(hit) == ["scan"]));

    // A folder of one region, another layout, and everything.
    let region = Order { prefix: format!("AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/"), ..days.clone() };
    assert_eq!(scan(&listening, region, usize::MAX).await.1, 4);
    let copies = Order { prefix: "copies/".into(), ..whole.clone() };
    assert_eq!(scan(&listening, copies, usize::MAX).await.1, 1);
    assert_eq!(scan(&listening, whole, usize::MAX).await.1, 18);
}
