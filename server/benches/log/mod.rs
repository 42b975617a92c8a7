//! The log that benches read.

use aviary::intake::scan::walk;
use libdeflater::{CompressionLvl, Compressor};
use std::path::Path;

/// How many records it has.
pub const RECORDS: usize = 200_000;
const PER_FILE: usize = 1_000;

/// A log of as many records, in which every 4,000th is a use.
pub fn made(folder: &Path) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cloudtrail");
    let (files, _) = walk::files(&[own]);
    let records: Vec<serde_json::Value> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).ok())
        .filter(|record: &serde_json::Value| record["eventName"].is_string())
        .collect();
    let mut compressor = Compressor::new(CompressionLvl::new(6).unwrap());
    for file in 0..RECORDS / PER_FILE {
        let of_file = (0..PER_FILE).map(|n| {
            let number = file * PER_FILE + n;
            let mut record = records[number % records.len()].clone();
            record["eventID"] = format!("00000000-0000-4000-8000-{number:012}").into();
            record["requestID"] = format!("10000000-0000-4000-8000-{:012}", number * 7_919).into();
            record["additionalEventData"] =
                serde_json::json!({ "bytesTransferredOut": number, "x-amz-id-2": "y".repeat(400) });
            if number.is_multiple_of(RECORDS / 50) {
                record["userIdentity"] =
                    serde_json::json!({ "accessKeyId": format!("AKIAHONEYTOKEN{:06}", number % 5) });
            }
            record
        });
        let text = serde_json::json!({ "Records": of_file.collect::<Vec<_>>() }).to_string();
        let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
        let size = compressor.gzip_compress(text.as_bytes(), &mut packed).unwrap();
        std::fs::write(folder.join(format!("{file:06}.json.gz")), &packed[..size]).unwrap();
    }
}
