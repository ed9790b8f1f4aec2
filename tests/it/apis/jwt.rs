//! JWTs that nobody should be let in with: forged, altered, out of time, or of a token that is gone.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use super::doors::Door;
use super::forge::{KEY, KEY_CFG, Parts, encode, hs256};
use super::{PASSWORD, forms_jwt, pairs_jwt, users_jwt};
use crate::harness::ask::post;
use crate::harness::http::Http;
use crate::harness::{TestServer, Trials, cases};

pub(super) fn register(trials: &mut Trials) {
    cases!(trials.served:
        a_jwt_says_what_it_stands_for,
        no_other_algorithm_is_taken,
        what_was_altered_is_refused,
        claims_that_are_missing_or_odd_are_refused,
        an_end_that_is_no_point_in_time_is_refused,
        a_jwt_is_for_its_own_account_alone,
        only_one_spelling_is_taken,
        a_jwt_that_is_too_long_is_refused,
    );
}

/// The doors that take JWTs.
fn doors() -> impl Iterator<Item = Door> {
    Door::ALL.into_iter().filter(|door| door.takes_jwts())
}

pub(super) async fn assert_good(http: &Http, what: &str, jwt: &str) {
    for door in doors() {
        door.assert_open(http, what, jwt).await;
    }
}

pub(super) async fn assert_refused(http: &Http, what: &str, jwt: &str) {
    for door in doors() {
        door.assert_shut(http, what, Some(jwt)).await;
    }
    let body = json!({ "username": "ann", "password": PASSWORD, "access_token": jwt });
    let answer = post("/api/login").json(body).ask(http).await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!("INVALID_TOKEN")), "{what}");
    assert_eq!(answer.header("set-cookie"), None, "{what}");
}

/// Registers ann, who has a document under the key `one`, at a server that signs with [`KEY`], and gives a JWT of hers.
async fn ann(server: &mut TestServer<'_>) -> String {
    server.restart_with(KEY_CFG).await;
    server.register("ann", PASSWORD).await;
    let token = server.token("ann", PASSWORD).await;
    server.put(&token, "one", "1").await;
    pairs_jwt(server, "ann", PASSWORD).await
}

async fn a_jwt_says_what_it_stands_for(server: &mut TestServer<'_>) {
    let pairs = ann(server).await;
    let account = server.services().accounts.find("ann").await.expect("is there").id;
    let (forms, users) = (forms_jwt(server, "ann", PASSWORD).await, users_jwt(server, "ann", PASSWORD).await);
    for (jwt, seconds) in [(pairs, 1200), (forms, 3600), (users, 300)] {
        let said = Parts::of(&jwt);
        assert_eq!(said.header, json!({ "alg": "HS256", "typ": "JWT" }));
        let token = said.claims["jti"].as_str().expect("a token").to_owned();
        let now = 2_209_086_245_u64;
        let claims = json!({
            "sub": account.to_string(), "jti": token, "aud": "keybin", "iat": now, "exp": now + seconds,
        });
        assert_eq!(said.claims, claims);
        // The token in it is one like any other.
        Door::Path.assert_open(server, "the token of a JWT", &token).await;
        // What the tests sign is good where nothing is wrong about it.
        assert_good(server, "as it came", &jwt).await;
        assert_good(server, "signed here", &said.signed(KEY)).await;
        let more = said.claim("admin", Some(json!(true))).claim("iat", None);
        assert_good(server, "with more in it", &more.signed(KEY)).await;
    }
}

async fn no_other_algorithm_is_taken(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let said = Parts::of(&jwt);
    let signature = jwt.rsplit_once('.').map(|(_, signature)| signature.to_owned()).expect("three parts");
    let mut forged = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = said.clone().alg(alg).unsigned();
        forged.push((format!("{alg:?}"), format!("{unsigned}.")));
        forged.push((format!("{alg:?} in two parts"), unsigned.clone()));
        forged.push((format!("{alg:?} with the signature that it had"), format!("{unsigned}.{signature}")));
        forged.push((format!("{alg:?}, signed"), said.clone().alg(alg).signed(KEY)));
    }
    forged.push(("HS384".into(), said.clone().alg("HS384").signed_384(KEY)));
    forged.push(("HS512".into(), said.clone().alg("HS512").signed_512(KEY)));
    forged.push(("HS384 under another name".into(), said.clone().signed_384(KEY)));
    forged.push(("HS512 under another name".into(), said.clone().signed_512(KEY)));
    for alg in ["HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", "HS256 ", "HS2", "A256KW"] {
        forged.push((format!("HS256 as {alg:?}"), said.clone().alg(alg).signed(KEY)));
    }
    for header in [json!({ "typ": "JWT" }), json!({ "alg": null }), json!({ "alg": ["HS256"] }), json!({}), json!(1)] {
        forged.push((header.to_string(), Parts { header, claims: said.claims.clone() }.signed(KEY)));
    }
    for (what, jwt) in forged {
        assert_refused(server, &what, &jwt).await;
    }
    assert_good(server, "as it came", &jwt).await;
}

async fn what_was_altered_is_refused(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let said = Parts::of(&jwt);
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("{jwt}") };
    let later = said.clone().claim("exp", Some(json!(9_999_999_999_u64))).unsigned();
    let mut own_key = said.clone();
    let jwk = json!({ "kty": "oct", "k": encode("another key of at least 32 bytes.") });
    own_key.header["jwk"] = jwk;
    own_key.header["kid"] = json!("../../dev/null");
    let zeros = encode([0; 32]);
    let backwards: String = signature.chars().rev().collect();
    for (what, jwt) in [
        ("without its signature", format!("{header}.{claims}.")),
        ("without its last part", format!("{header}.{claims}")),
        ("with another end", format!("{later}.{signature}")),
        ("with the signature cut", format!("{header}.{claims}.{}", &signature[..42])),
        ("with more signature", format!("{header}.{claims}.{signature}A")),
        ("with the signature backwards", format!("{header}.{claims}.{backwards}")),
        ("with zeros for a signature", format!("{header}.{claims}.{zeros}")),
        ("with another header", format!("{}.{claims}.{signature}", encode(r#"{"typ":"JWT","alg":"HS256"}"#))),
        ("signed with nothing", said.signed("")),
        ("signed with the key and more", said.signed(&format!("{KEY}0"))),
        ("signed with a key of its own", own_key.signed("another key of at least 32 bytes.")),
        ("signed with the audience", said.signed("keybin")),
        ("signed with the key in hex", said.signed(&hex::encode(KEY))),
        ("signed twice", hs256(&jwt, KEY)),
    ] {
        assert_refused(server, what, &jwt).await;
    }
    // Every part of it counts.
    for at in [3, header.len() + 5, header.len() + claims.len() / 2, jwt.len() - 20] {
        let other = if jwt.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        let altered = format!("{}{other}{}", &jwt[..at], &jwt[at + 1..]);
        assert_refused(server, &format!("altered at {at}"), &altered).await;
    }
    assert_good(server, "as it came", &jwt).await;
}

async fn claims_that_are_missing_or_odd_are_refused(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let said = Parts::of(&jwt);
    for name in ["sub", "jti", "aud", "exp"] {
        assert_refused(server, &format!("no {name}"), &said.clone().claim(name, None).signed(KEY)).await;
        for value in [json!(null), json!(""), json!({}), json!([]), json!(true)] {
            let odd = said.clone().claim(name, Some(value.clone())).signed(KEY);
            assert_refused(server, &format!("{name} is {value}"), &odd).await;
        }
    }
    let (sub, jti) = (said.claims["sub"].clone(), said.claims["jti"].clone());
    for (name, value) in [
        ("aud", json!("other")),
        ("aud", json!("Keybin")),
        ("aud", json!("keybin ")),
        ("sub", json!("ann")),
        ("sub", jti.clone()),
        ("sub", json!("00000000-0000-0000-0000-000000000000")),
        ("sub", json!(sub.as_str().map(str::to_uppercase))),
        ("jti", sub),
        ("jti", json!("00000000-0000-0000-0000-000000000000")),
        ("jti", json!([jti])),
    ] {
        let odd = said.clone().claim(name, Some(value.clone())).signed(KEY);
        assert_refused(server, &format!("{name} is {value}"), &odd).await;
    }
    for claims in [json!([]), json!("x"), json!(null), json!({})] {
        let odd = Parts { header: said.header.clone(), claims: claims.clone() };
        assert_refused(server, &format!("the claims are {claims}"), &odd.signed(KEY)).await;
    }
    let no_json = format!("{}.{}", encode(said.header.to_string()), encode("{\"sub\""));
    assert_refused(server, "the claims are no JSON", &hs256(&no_json, KEY)).await;
}

async fn an_end_that_is_no_point_in_time_is_refused(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let said = Parts::of(&jwt);
    let with = |name: &str, value: &Value| said.clone().claim(name, Some(value.clone())).signed(KEY);
    let now = 2_209_086_245_i64;
    for end in [
        json!(said.claims["exp"].to_string()),
        json!("2100-01-01T00:00:00Z"),
        json!(-1),
        json!(-(now + 600)),
        json!(0),
        json!(now - 1),
        json!(now as f64 - 0.5),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e30),
        json!(-1e30),
        json!([now + 600]),
    ] {
        assert_refused(server, &format!("exp is {end}"), &with("exp", &end)).await;
    }
    // Seconds may have a fraction (RFC 7519, 2).
    assert_good(server, "exp with a fraction", &with("exp", &json!(now as f64 + 600.5))).await;
    // Not before its time.
    for begin in [json!(now + 2), json!(now + 600), json!("x"), json!(1e30)] {
        assert_refused(server, &format!("nbf is {begin}"), &with("nbf", &begin)).await;
    }
    assert_good(server, "nbf is now", &with("nbf", &json!(now))).await;

    // Whatever it says itself, it ends with the token; and before that where it says so.
    let (long, short) = (with("exp", &json!(now + 1_000_000)), with("exp", &json!(now + 600)));
    assert_good(server, "a later end", &long).await;
    server.clock().advance(600_000 + 1_000);
    assert_refused(server, "an earlier end", &short).await;
    assert_good(server, "a later end", &long).await;
    server.clock().advance(600_000);
    assert_refused(server, "a later end than that of the token", &long).await;
}

async fn a_jwt_is_for_its_own_account_alone(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    server.register("eve", PASSWORD).await;
    let eve = Parts::of(&pairs_jwt(server, "eve", PASSWORD).await);
    let ann = Parts::of(&jwt);
    let crossed = eve.clone().claim("sub", Some(ann.claims["sub"].clone()));
    assert_refused(server, "eve's token for ann", &crossed.signed(KEY)).await;
    let crossed = ann.claim("sub", Some(eve.claims["sub"].clone()));
    assert_refused(server, "ann's token for eve", &crossed.signed(KEY)).await;
}

async fn only_one_spelling_is_taken(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let [header, claims, signature] = jwt.split('.').collect::<Vec<_>>()[..] else { panic!("{jwt}") };
    // The last letter of 43 has two bits that belong to no byte.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.find(&signature[42..]).expect("base64url");
    let loose = format!("{}{}", &signature[..42], &alphabet[last + 1..last + 2]);
    let padded = |text: &str| format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    let spaced = encode(format!(" {}", Parts::of(&jwt).header));
    let upper = jwt.to_uppercase();
    for (what, jwt) in [
        ("loose bits", format!("{header}.{claims}.{loose}")),
        ("a padded signature", format!("{header}.{claims}.{}", padded(signature))),
        ("padded parts", format!("{}=.{}=.{}", header, claims, padded(signature))),
        ("a blank before a part", format!("{header}. {claims}.{signature}")),
        ("a blank within a part", format!("{header}.{} {}.{signature}", &claims[..4], &claims[4..])),
        ("a tab after a part", format!("{header}.{claims}\t.{signature}")),
        ("four parts", format!("{jwt}.")),
        ("four parts", format!(".{jwt}")),
        ("four parts", format!("{header}..{claims}.{signature}")),
        ("five parts", format!("{jwt}.{claims}.{signature}")),
        ("five parts", format!("{header}....")),
        ("commas", jwt.replace('.', ",")),
        ("colons", jwt.replace('.', ":")),
        ("percent-encoded dots", jwt.replace('.', "%2E")),
        ("quotes", format!("\"{jwt}\"")),
        ("twice", format!("{jwt},{jwt}")),
        ("another header of the same meaning", format!("{spaced}.{claims}.{signature}")),
        ("upper case", upper),
        ("nothing but dots", "..".to_owned()),
    ] {
        assert_refused(server, what, &jwt).await;
    }
    // The other alphabets: where a part is spelled differently in them, it is another text.
    for (n, part) in [header, claims, signature].into_iter().enumerate() {
        let bytes = URL_SAFE.decode(padded(part)).expect("base64url");
        let standard = STANDARD.encode(bytes);
        if standard != part {
            let mut parts = [header, claims, signature];
            parts[n] = &standard;
            assert_refused(server, "the standard alphabet", &parts.join(".")).await;
        }
    }
    assert_good(server, "as it came", &jwt).await;
}

async fn a_jwt_that_is_too_long_is_refused(server: &mut TestServer<'_>) {
    let jwt = ann(server).await;
    let said = Parts::of(&jwt);
    let of = |length: usize| {
        let grown = |n: usize| said.clone().claim("pad", Some(json!("x".repeat(n)))).signed(KEY);
        let mut fits = (0..length).rev().map(grown).skip_while(move |jwt| jwt.len() > length);
        fits.next().expect("fits")
    };
    let fits = of(4096);
    assert!(fits.len() > 4090, "{}", fits.len());
    assert_good(server, "as long as it may be", &fits).await;
    assert_refused(server, "longer", &of(4100)).await;
    assert_refused(server, "much longer", &of(7000)).await;
}
