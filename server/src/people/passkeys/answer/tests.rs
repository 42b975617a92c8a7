use super::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};

const CHALLENGE: &str = "Y2hhbGxlbmdl";
const WHOSE: &str = "0190-ana";

fn party() -> Party {
    Party::at("https://aviary.example.com").unwrap()
}

fn client(kind: &str) -> Value {
    json!({ "type": kind, "challenge": CHALLENGE, "origin": "https://aviary.example.com", "crossOrigin": false })
}

fn data(flags: u8, counter: u32, credential: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Sha256::digest(b"aviary.example.com").to_vec();
    bytes.push(flags);
    bytes.extend(counter.to_be_bytes());
    if let Some(credential) = credential {
        bytes.extend([0; 16]);
        bytes.extend(u16::try_from(credential.len()).unwrap().to_be_bytes());
        bytes.extend(credential);
        bytes.extend(b"a key in COSE, which nobody reads");
    }
    bytes
}

/// A SubjectPublicKeyInfo, from what stands before the key in each of its kind (RFC 5480, RFC 8410).
fn spki(head: &str, key: &[u8]) -> Vec<u8> {
    [hex::decode(head).unwrap().as_slice(), key].concat()
}

const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const ED25519: &str = "302a300506032b6570032100";

fn p256() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let kept = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, kept.as_ref(), &random).unwrap();
    let public = spki(P256, pair.public_key().as_ref());
    (pair, public)
}

fn registration(client: &Value, data: &[u8], key: &[u8], number: i64) -> String {
    json!({
        "id": encoded(b"credential-1"),
        "rawId": encoded(b"credential-1"),
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": encoded(client.to_string().as_bytes()),
            "authenticatorData": encoded(data),
            "attestationObject": "",
            "publicKey": encoded(key),
            "publicKeyAlgorithm": number,
            "transports": ["internal", "HYBRID<script>", "hybrid"],
        },
    })
    .to_string()
}

fn assertion(client: &Value, data: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let client = client.to_string();
    let signature = sign(&[data, Sha256::digest(client.as_bytes()).as_slice()].concat());
    json!({
        "id": encoded(b"credential-1"),
        "type": "public-key",
        "response": {
            "clientDataJSON": encoded(client.as_bytes()),
            "authenticatorData": encoded(data),
            "signature": encoded(&signature),
            "userHandle": encoded(WHOSE.as_bytes()),
        },
    })
    .to_string()
}

#[test]
fn a_passkey_that_was_made_here_is_taken() {
    let (_, key) = p256();
    let data = data(0x5d, 0, Some(b"credential-1"));
    let made = made(&registration(&client("webauthn.create"), &data, &key, -7), &party(), CHALLENGE).unwrap();
    assert_eq!(made.credential, encoded(b"credential-1"));
    assert_eq!((made.algorithm, made.counter, made.synced), (-7, 0, true));
    assert_eq!(made.transports, ["internal", "hybrid"]);
}

#[test]
fn a_passkey_that_was_made_otherwise_is_refused() {
    let (_, key) = p256();
    let good = data(0x45, 0, Some(b"credential-1"));
    let try_it = |client: &Value, data: &[u8], key: &[u8], number: i64| {
        made(&registration(client, data, key, number), &party(), CHALLENGE).err()
    };
    let create = client("webauthn.create");
    assert_eq!(try_it(&create, &good, &key, -7), None);
    let elsewhere = |name: &str, value: Value| {
        let mut client = create.clone();
        client[name] = value;
        try_it(&client, &good, &key, -7)
    };
    assert_eq!(elsewhere("type", json!("webauthn.get")), Some(Refused("it answers another question")));
    assert_eq!(elsewhere("challenge", json!("b3RoZXI")), Some(Refused("it answers another challenge")));
    for origin in ["https://evil.example.com", "http://aviary.example.com", "https://aviary.example.com:8443"] {
        assert_eq!(elsewhere("origin", json!(origin)), Some(Refused("it was made on another site's page")));
    }
    assert_eq!(elsewhere("crossOrigin", json!(true)), Some(Refused("it was made on another site's page")));

    let with = |flags: u8, credential: Option<&[u8]>| try_it(&create, &data(flags, 0, credential), &key, -7);
    assert_eq!(with(0x44, Some(b"credential-1")), Some(Refused("nobody was there")));
    assert_eq!(with(0x41, Some(b"credential-1")), Some(Refused("nobody was recognised")));
    assert_eq!(with(0x55, Some(b"credential-1")), Some(Refused("it is synced and may not be")));
    assert_eq!(with(0x45, Some(b"credential-2")), Some(Refused("its credential is another one")));
    assert_eq!(with(0x05, None), Some(Refused("its credential is another one")));
    assert_eq!(try_it(&create, &good[..50], &key, -7), Some(Refused("its credential is cut off")));
    assert_eq!(try_it(&create, &good[..30], &key, -7), Some(Refused("its data are cut off")));
    let mut other = good.clone();
    other[0] ^= 1;
    assert_eq!(try_it(&create, &other, &key, -7), Some(Refused("it is for another site")));

    assert_eq!(try_it(&create, &good, &key, -47), Some(Refused("it signs in a way that was not asked for")));
    assert_eq!(try_it(&create, &good, &key[..20], -7), Some(Refused("its key cannot be read")));
    assert_eq!(made("{}", &party(), CHALLENGE), Err(Refused("it is no registration")));
}

#[test]
fn the_owner_s_signature_is_taken_and_no_other() {
    let random = SystemRandom::new();
    let (pair, key) = p256();
    let sign = |bytes: &[u8]| pair.sign(&random, bytes).unwrap().as_ref().to_vec();
    let (get, good) = (client("webauthn.get"), data(0x05, 7, None));
    let check = |text: &str, whose: &str, key: &[u8], number: i64| {
        Assertion::read(text).unwrap().check(&party(), CHALLENGE, whose, &encoded(key), number)
    };
    let text = assertion(&get, &good, sign);
    assert_eq!(check(&text, WHOSE, &key, -7), Ok(Used { counter: 7, synced: false }));

    assert_eq!(check(&text, "0190-eve", &key, -7), Err(Refused("it is somebody else's")));
    let misfit = Err(Refused("its signature does not fit"));
    assert_eq!(check(&text, WHOSE, &p256().1, -7), misfit);
    assert_eq!(check(&text, WHOSE, &key, -257), misfit);
    let other = assertion(&get, &data(0x05, 8, None), |_| sign(&good));
    assert_eq!(check(&other, WHOSE, &key, -7), misfit);
    let unseen = assertion(&get, &data(0x01, 8, None), sign);
    assert_eq!(check(&unseen, WHOSE, &key, -7), Err(Refused("nobody was recognised")));
    let made = assertion(&client("webauthn.create"), &good, sign);
    assert_eq!(check(&made, WHOSE, &key, -7), Err(Refused("it answers another question")));
}

#[test]
fn ed25519_is_taken_too() {
    let kept = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(kept.as_ref()).unwrap();
    let key = spki(ED25519, pair.public_key().as_ref());
    let text = assertion(&client("webauthn.get"), &data(0x1d, 0, None), |bytes| pair.sign(bytes).as_ref().to_vec());
    let used = Assertion::read(&text).unwrap().check(&party(), CHALLENGE, WHOSE, &encoded(&key), -8);
    assert_eq!(used, Ok(Used { counter: 0, synced: true }));
}
