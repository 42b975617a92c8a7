//! The log that benches read.

use aviary::intake::scan::walk;
use libdeflater::{CompressionLvl, Compressor};
use serde_json::{Value, json};
use std::path::Path;

/// How many records it has.
pub const RECORDS: usize = 200_000;
const PER_FILE: usize = 1_000;

/// Numbers without a pattern, the same in each run: what services write at random must not compress better here than there.
struct Random(u64);

impl Random {
    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (first, second, third) = (high >> 32, high & 0xffff, (high >> 16) & 0xfff);
        format!("{first:08x}-{second:04x}-4{third:03x}-a{:03x}-{:012x}", low >> 52, low & 0xffff_ffff_ffff)
    }

    fn text(&mut self, length: usize) -> String {
        const OF: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..length).map(|_| char::from(OF[usize::try_from(self.next() % 64).unwrap()])).collect()
    }
}

/// A log of as many records, in which every 4,000th is a use. It is about as long as real ones, and packs about as well.
pub fn made(folder: &Path) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/cloudtrail");
    let (files, _) = walk::files(&[own]);
    let records: Vec<Value> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "json"))
        .filter_map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).ok())
        .filter(|record: &Value| record["eventName"].is_string())
        .collect();
    let mut compressor = Compressor::new(CompressionLvl::new(6).unwrap());
    let (mut random, mut bytes, mut packed_bytes) = (Random(7), 0, 0);
    for file in 0..RECORDS / PER_FILE {
        let of_file = (0..PER_FILE).map(|n| {
            let number = file * PER_FILE + n;
            let mut record = records[number % records.len()].clone();
            fill(&mut record, &mut random);
            if number.is_multiple_of(RECORDS / 50) {
                record["userIdentity"] = json!({ "accessKeyId": format!("AKIAHONEYTOKEN{:06}", number % 5) });
            }
            record
        });
        let text = json!({ "Records": of_file.collect::<Vec<_>>() }).to_string();
        let mut packed = vec![0; compressor.gzip_compress_bound(text.len())];
        let size = compressor.gzip_compress(text.as_bytes(), &mut packed).unwrap();
        (bytes, packed_bytes) = (bytes + text.len(), packed_bytes + size);
        std::fs::write(folder.join(format!("{file:06}.json.gz")), &packed[..size]).unwrap();
    }
    eprintln!("the log: {} bytes a record, {} packed", bytes / RECORDS, packed_bytes / RECORDS);
}

/// Gives a record what S3 writes into its own.
fn fill(record: &mut Value, random: &mut Random) {
    record["eventID"] = random.uuid().into();
    record["requestID"] = random.uuid().into();
    record["requestParameters"] = json!({
        "bucketName": format!("build-artifacts-{}", random.next() % 200),
        "Host": "s3.eu-central-1.amazonaws.com",
        "key": format!("releases/{}/service-{}/bundle.tar.gz", random.next() % 5_000, random.next() % 300),
    });
    record["additionalEventData"] = json!({
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "AuthenticationMethod": "AuthHeader",
        "bytesTransferredIn": 0,
        "bytesTransferredOut": random.next() % 1_000_000,
        "x-amz-id-2": random.text(76),
    });
    record["resources"] = json!([
        { "type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::build-artifacts/releases/{}", random.next() % 5_000) },
        { "accountId": "210987654321", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::build-artifacts" },
    ]);
    record["tlsDetails"] = json!({
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": "s3.eu-central-1.amazonaws.com",
    });
}
