//! Rotation: two keys on one user, both watched. Refusals and lost answers take the emulator, behind a proxy.

use super::{
    either::{Account, settled},
    emulator::{Emulator, form, house_with, mint},
    mint::intents,
    proxy::{Proxy, Spoil},
};
use app::model::{ids::TokenId, viewer::Viewer};
use aviary::tokens::{change, list, rotate};

#[tokio::test(flavor = "multi_thread")]
async fn the_key_from_before_stays_active_and_goes_when_the_token_is_disabled() {
    let Some(aws) = Account::start("rotation").await else { return };
    let house = aws.house(&aws.form()).await;
    let (viewer, token) = (Viewer::system("test"), aws.mint(&house).await);
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    let first = token["access_key_id"].as_str().unwrap().to_owned();
    let second = rotate::rotate(&house.house, &viewer, &id).await.unwrap();
    let third = rotate::rotate(&house.house, &viewer, &id).await.unwrap();
    let view = list::get(&house.house, &viewer, &id).await.unwrap();
    let former: Vec<_> = view.former_keys.iter().map(|key| (key.access_key_id.as_str(), key.active)).collect();
    assert_eq!(former.len(), 2);
    assert!(former.contains(&(second.token.access_key_id.as_str(), true)), "{former:?}");
    assert!(former.contains(&(first.as_str(), false)), "IAM allows two keys: the oldest gave way");
    assert_eq!(view.token.access_key_id, third.token.access_key_id);
    let mut both = [&second.token.access_key_id, &third.token.access_key_id].map(String::as_str);
    both.sort();
    settled("the user has the two", async || {
        let users = aws.users().await;
        let mut keys: Vec<_> = users.iter().flat_map(|(_, keys)| keys.iter().map(String::as_str)).collect();
        keys.sort();
        users.len() == 1 && keys == both
    })
    .await;

    let secret = third.secret_access_key.as_ref().unwrap().expose();
    settled("the new key works", async || aws.works(&third.token.access_key_id, secret).await.is_ok()).await;
    change::set_active(&house.house, &viewer, &id, false).await.unwrap();
    for (key, secret) in [
        (&second.token.access_key_id, &second.secret_access_key),
        (&third.token.access_key_id, &third.secret_access_key),
    ] {
        let secret = secret.as_ref().unwrap().expose();
        settled(&format!("{key} is off"), async || aws.works(key, secret).await.is_err()).await;
    }
    let found = house.api().get(&format!("/tokens?access_key_id={first}")).await.body();
    assert_eq!(found["items"][0]["id"], token["id"], "people look for the key that they found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_fails_leaves_the_token_as_it_was() {
    let Some(aws) = Emulator::start("failing rotations").await else { return };
    let proxy = Proxy::before(&aws.url).await;
    let house = house_with(&aws, Some(&proxy.url), &form()).await;
    let (viewer, token) = (Viewer::system("test"), mint(&house, "vault").await);
    let id = TokenId(token["id"].as_str().unwrap().to_owned());
    proxy.spoil("CreateAccessKey", Spoil::Refuse(403, "AccessDenied"));
    let fault = rotate::rotate(&house.house, &viewer, &id).await.unwrap_err();
    assert!(fault.message.contains("as it was"), "{fault}");
    assert_eq!(list::get(&house.house, &viewer, &id).await.unwrap().token.access_key_id, token["access_key_id"]);
    assert!(intents(&house).await.is_empty());
    // The answer gets lost and the SDK asks again: the key that nobody knows is taken away.
    proxy.spoil("CreateAccessKey", Spoil::LoseAnswer);
    let rotated = rotate::rotate(&house.house, &viewer, &id).await.unwrap();
    let [(_, mut keys)] = aws.users().await.try_into().unwrap();
    keys.sort();
    let mut known = vec![token["access_key_id"].as_str().unwrap().to_owned(), rotated.token.access_key_id];
    known.sort();
    assert_eq!(keys, known);
}
