//! Every published shape, made at random here, is found; what only looks like a secret is not.

use super::SHAPES;
use super::shape::Shape;
use crate::{Finding, Kind, shaped};

/// Draws numbers that look random and are the same in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn item(&mut self, item: &str) -> String {
        if let Some(literal) = item.strip_prefix('\'') {
            return literal.trim_end_matches('\'').to_owned();
        }
        let (sort, count) = item.split_at(1);
        let least = count.trim_end_matches('+').split('-').next().expect("there is a number");
        let signs = match sort {
            "u" => "ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
            "l" => "abcdefghijkmnopqrstuvwxyz0123456789",
            "h" => "0123456789abcdef",
            "d" => "0123456789",
            _ => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        };
        let count: usize = least.parse().expect("it is a number");
        (0..count).map(|_| signs.as_bytes()[self.below(signs.len())] as char).collect()
    }

    fn key(&mut self, shape: &Shape) -> String {
        let before = if shape.before.is_empty() { String::new() } else { self.item(shape.before) };
        let tail: String = shape
            .tail
            .split(' ')
            .filter(|item| !item.is_empty())
            .map(|item| self.item(item))
            .collect();
        format!("{before}{}{tail}", shape.head)
    }
}

fn secrets(text: &str) -> Vec<(Kind, &str)> {
    let graver =
        |finding: &Finding| finding.kind.sensitivity() == oratory_contract::Sensitivity::Secret;
    let found = shaped(text.as_bytes()).filter(graver);
    found.map(|finding| (finding.kind, &text[finding.span])).collect()
}

#[test]
fn more_than_a_hundred_shapes_are_found_whole() {
    let mut draw = Draw(7);
    let shapes: Vec<&Shape> = SHAPES.iter().flat_map(|table| table.iter()).collect();
    assert!(shapes.len() > 150, "{} shapes", shapes.len());
    for shape in shapes {
        for _ in 0..20 {
            let key = draw.key(shape);
            for text in
                [format!("use {key} today"), format!("{{\"x\":\"{key}\"}}"), format!("KEY={key}\n")]
            {
                let found = secrets(&text);
                let whole = found.iter().any(|(_, part)| {
                    part.contains(&*key) || key.contains(part) && part.len() + 8 > key.len()
                });
                assert!(whole, "{}: {text}: {found:?}", shape.why);
            }
        }
    }
}

#[test]
fn shapes_cut_short_or_filled_with_one_sign_are_nothing() {
    for (head, tail) in [("ghp_", "Ab3dEf6"), ("npm_", "Ab3"), ("AKIA", "ABC"), ("sk-", "short")] {
        assert_eq!(secrets(&format!("use {head}{tail} today")), []);
    }
    for (head, count) in [("ghp_", 36), ("sk-", 40), ("hf_", 34), ("glpat-", 20), ("oratory_", 52)]
    {
        assert_eq!(secrets(&format!("use {head}{} today", "x".repeat(count))), [], "{head}");
    }
}

#[test]
fn values_that_are_named_secrets_are_found() {
    let random = Draw(3).item("a32");
    let word = format!("Tr0ub{}", "4dor&3");
    for (text, value) in [
        (format!("password = \"{word}\""), &word),
        (format!("\"db_password\": \"{word}\","), &word),
        (format!("DB_PASSWORD={word}"), &word),
        (format!("export MYSQL_PWD='{word}'"), &word),
        (format!("Server=db;User Id=app;Password={word};Timeout=3"), &word),
        (format!("<password>{word}</password>"), &word),
        (format!("my password is {word}"), &word),
        (format!("machine example.org login ada password {word}"), &word),
        (format!("db.internal:5432:app:ada:{word}"), &word),
        (format!("api_key: {random}"), &random),
        (format!("apiKey = '{random}'"), &random),
        (format!("CLIENT_SECRET={random}"), &random),
        (format!("\"access_token\": \"{random}\""), &random),
        (format!("Authorization: Bearer {random}"), &random),
        (format!("datadog.api-key={random}"), &random),
        (format!("{{\\\"secret_key\\\": \\\"{random}\\\"}}"), &random),
    ] {
        let found = secrets(&text);
        assert!(found.iter().any(|(_, part)| part == value), "{text}: {found:?}");
    }
}

#[test]
fn addresses_with_passwords_are_secret_whole() {
    let word = Draw(5).item("a14");
    for scheme in ["postgres", "mysql", "mongodb+srv", "redis", "amqp", "https", "ftp", "smtp"] {
        let url = format!("{scheme}://app:{word}@db.example.org:5432/main?x=1");
        assert_eq!(secrets(&format!("use {url}, please")), [(Kind::SecretUrl, &*url)]);
    }
    let signed = format!("https://files.example.org/a?sv=2024&sig={}", Draw(6).item("a40"));
    assert_eq!(secrets(&signed), [(Kind::SecretUrl, &*signed)]);
    for plain in [
        "https://user:password@host/",
        "postgres://app:${PASS}@db/main",
        "http://example.org/?key=value",
    ] {
        assert_eq!(secrets(plain), [], "{plain}");
    }
}

#[test]
fn the_secret_beside_an_access_key_is_found() {
    let (access, secret) = (format!("AK{}{}", "IA", Draw(8).item("u16")), Draw(9).item("a40"));
    let found = format!("{access}\n{secret}\n");
    assert_eq!(secrets(&found), [(Kind::ApiKey, &*access), (Kind::ApiKey, &*secret)]);
}

#[test]
fn placeholders_code_and_names_of_things_are_no_secrets() {
    let digest = Draw(4).item("h64");
    let base = Draw(2).item("a400");
    for plain in [
        "password = getpass.getpass()",
        "password: String,",
        "let token = lexer.next_token();",
        "token = os.environ[\"API_TOKEN\"]",
        "api_key = settings.openai.api_key",
        "password=\"changeme\"",
        "password: \"<your-password>\"",
        "PASSWORD=${DB_PASSWORD}",
        "password: {{ vault_password }}",
        "secret: xxxxxxxxxxxxxxxxxxxx",
        "The password is required and must be long.",
        "Your token is invalid. Please try again.",
        "max_tokens = 4096, token_count: 128000",
        "the secret of 42 was kept for 7500000 years",
        "secretary: Ada, passenger: 12A34, compass=NW12",
        "primary_key = 17, foreign_key: user_id",
        "public_key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "private_key_path = /etc/ssl/private/host2024.key",
        "password_file: /run/secrets/db_password_1",
        "secret_name = projects/1234/secrets/db-1",
        "if (password.length < 8) return 0;",
        "assert password == expected",
        "id: 550e8400-e29b-41d4-a716-446655440000",
        "commit 3f2a9c81b7d2e4a6051928374655647382910abc",
        "api_key_id: 12345",
    ] {
        assert_eq!(secrets(plain), [], "{plain}");
    }
    for plain in [
        format!("sha256:{digest}"),
        format!("\"integrity\": \"sha512-{base}==\""),
        format!("![x](data:image/png;base64,iVBORw0KGgo{base})"),
        format!("ETag: \"{digest}\""),
    ] {
        assert_eq!(secrets(&plain), [], "{plain}");
    }
}
