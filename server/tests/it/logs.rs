//! The logs that tests send: our own, one per shape and oddity, and recorded ones where they are on the machine.

use crate::{
    ears::{self, trail},
    house::TestHouse,
    skipped::skipped,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// The folder of our own logs.
pub fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cloudtrail")
}

/// One of our own.
pub fn own(name: &str) -> Vec<u8> {
    let path = own_folder().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder of recorded logs: `AVIARY_SHARED_CLOUDTRAIL`, else beside the repository.
///
/// Below it are log files (`.json`: `{"Records": […]}`, or an array), cases (`.jsonl`: an object a line, with the record as its
/// `rec`), and in `oracle/invictus_keys.tsv` what an independent program counted in `invictus/CloudTrail`: key id, deliveries,
/// events.
pub fn shared_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("AVIARY_SHARED_CLOUDTRAIL")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cloudtrail"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!("no recorded CloudTrail logs at {}", folder.display()));
    None
}

/// A file of the recorded logs.
pub fn shared(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared_folder()?.join(name)).unwrap())
}

/// The recorded logs: every file of them as it is sent, and what is to come of it, whichever way it is sent.
pub struct Recorded {
    /// Every key id that occurs anywhere in the folder.
    pub keys: BTreeSet<String>,
    /// Each log file's name, and its content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Key id, event id, and kind of each hit, by plain look-up.
    pub hits: BTreeSet<(String, String, String)>,
}

/// The recorded logs; `None`, and a line that says so, where they are not on the machine.
pub fn recorded() -> Option<Recorded> {
    let folder = shared_folder()?;
    let keys = keys_in(&folder);
    let (paths, problems) = aviary::intake::scan::walk::files(std::slice::from_ref(&folder));
    assert_eq!(problems, []);
    let (mut files, mut hits, mut counted) = (Vec::new(), BTreeSet::new(), BTreeMap::<_, BTreeSet<_>>::new());
    for path in paths {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let (content, records) = as_sent(&path);
        for hit in records.iter().flat_map(|record| plain_hits(record, &keys)) {
            if name.starts_with("invictus/CloudTrail/") && hit.2 == "use" {
                counted.entry(hit.0.clone()).or_default().insert(hit.1.clone());
            }
            hits.insert(hit);
        }
        files.push((name, content));
    }
    assert!(files.iter().any(|(name, _)| name.starts_with("stratus/")), "{} files", files.len());
    // The plain look-up itself is held against an independent program.
    let counted = counted.into_iter().map(|(key, events)| (key, i64::try_from(events.len()).unwrap())).collect();
    assert_eq!(oracle(&folder), counted);
    Some(Recorded { keys, files, hits })
}

impl Recorded {
    /// Each record, or EventBridge event, in the order of the files.
    pub fn records(&self) -> Vec<Value> {
        let records = |(_, content): &(String, Vec<u8>)| match serde_json::from_slice(content).unwrap() {
            Value::Array(records) => records,
            mut file => std::mem::take(file["Records"].as_array_mut().unwrap()),
        };
        self.files.iter().flat_map(records).collect()
    }

    /// The files as CloudTrail puts them into a bucket, by their keys.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let object =
            |(n, (_, content)): (usize, &(String, Vec<u8>))| (trail::key(&format!("{n:05}")), trail::gzip(content));
        self.files.iter().enumerate().map(object).collect()
    }

    /// Writes the files to a folder.
    pub fn write_to(&self, folder: &Path) {
        for (name, content) in &self.files {
            let path = folder.join(name).with_extension("json");
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }

    /// Watches every key that occurs.
    pub async fn adopt_all(&self, house: &TestHouse) {
        for key in &self.keys {
            ears::adopt(house, key, "").await;
        }
    }

    /// Whether there are as many hits as are to come.
    pub async fn all_came(&self, house: &TestHouse) -> bool {
        let tokens = pages(house, "/tokens").await;
        let counted = tokens.iter().map(|token| token["hit_count"].as_u64().unwrap()).sum::<u64>();
        counted >= u64::try_from(self.hits.len()).unwrap()
    }

    /// Checks that exactly these hits came, each once.
    pub async fn assert_in(&self, house: &TestHouse) {
        let text = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
        let keys: BTreeMap<_, _> = pages(house, "/tokens")
            .await
            .iter()
            .map(|token| (text(token, "id"), text(token, "access_key_id")))
            .collect();
        for key in &self.keys {
            assert!(keys.values().any(|known| known == key), "{key} is not watched");
        }
        let mut found = BTreeSet::new();
        for hit in pages(house, "/hits").await {
            let key = keys[hit["token_id"].as_str().unwrap()].clone();
            let hit = (key, text(&hit, "event_id"), text(&hit, "kind"));
            assert!(found.insert(hit.clone()), "{hit:?} is there twice");
        }
        let missing: Vec<_> = self.hits.difference(&found).take(5).collect();
        let beyond: Vec<_> = found.difference(&self.hits).take(5).collect();
        assert!(missing.is_empty() && beyond.is_empty(), "missing {missing:?}, too many {beyond:?}");
    }
}

/// Everything on all pages of a list.
async fn pages(house: &TestHouse, list: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let mut page = house.api().get(&format!("{list}?limit=500&after={after}")).await.body();
        all.append(page["items"].as_array_mut().unwrap());
        match page["next"].as_str() {
            Some(next) => next.clone_into(&mut after),
            None => return all,
        }
    }
}

/// A file as it is sent, and its records. Some of the recorded files have a case per line, whose record is a part of it:
/// those are sent as a log file of their records.
fn as_sent(path: &Path) -> (Vec<u8>, Vec<Value>) {
    let content = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|ending| ending == "jsonl") {
        let cases = serde_json::Deserializer::from_slice(&content).into_iter::<Value>();
        let records: Vec<Value> = cases.map(|case| case.unwrap()["rec"].take()).collect();
        return (json!({ "Records": records }).to_string().into_bytes(), records);
    }
    let records = match serde_json::from_slice(&content).unwrap() {
        Value::Array(records) => records,
        mut file => std::mem::take(file["Records"].as_array_mut().unwrap()),
    };
    (content, records)
}

/// Every key id that occurs in any file below a folder.
fn keys_in(folder: &Path) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys.append(&mut keys_in(&path));
            continue;
        }
        let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
        // A word of its own: the same letters inside of other texts are chance.
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_+/=".contains(c));
        keys.extend(words.filter(|word| app::model::key::is_access_key_id(word)).map(str::to_owned));
    }
    keys
}

/// What a record says about these keys, by looking where AWS documents it: key id, event id, kind.
fn plain_hits(record: &Value, keys: &BTreeSet<String>) -> Vec<(String, String, String)> {
    let record = record.get("detail").unwrap_or(record);
    let watched = |of: &Value| of["accessKeyId"].as_str().filter(|key| keys.contains(*key)).map(str::to_owned);
    let used = watched(&record["userIdentity"]);
    let name = record["eventName"].as_str().unwrap_or_default();
    let changes = record["eventSource"] == "iam.amazonaws.com" && !name.starts_with("Get") && !name.starts_with("List");
    let changed = watched(&record["requestParameters"]).filter(|key| changes && used.as_ref() != Some(key));
    let said = [(used, "use"), (changed, "tampered")].into_iter();
    said.filter_map(|(key, kind)| Some((key?, record["eventID"].as_str().unwrap().to_owned(), kind.to_owned())))
        .collect()
}

/// Per key id: how many events an independent program counted.
fn oracle(folder: &Path) -> BTreeMap<String, i64> {
    let text = std::fs::read_to_string(folder.join("oracle/invictus_keys.tsv")).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let mut fields = line.split('\t');
        (fields.next().unwrap().to_owned(), fields.nth(1).unwrap().parse().unwrap())
    });
    rows.collect()
}
