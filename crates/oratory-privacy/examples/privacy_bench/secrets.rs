//! How many secrets are found, and how many things are taken for one.
//!
//! Everything is drawn when it runs: this file holds no key.

use oratory_privacy::shaped;

use crate::draw::Draw;

const EACH: usize = 25;

/// Heads and the lengths behind them, from the makers' own pages.
const HEADS: &[(&str, &str, usize)] = &[
    ("AK", "IA", 16),
    ("gh", "p_", 36),
    ("gh", "s_", 36),
    ("github", "_pat_", 82),
    ("gl", "pat-", 20),
    ("xo", "xb-", 50),
    ("sk_", "live_", 24),
    ("rk_", "live_", 24),
    ("sk-", "proj-", 120),
    ("sk-", "ant-api03-", 95),
    ("AI", "za", 35),
    ("np", "m_", 36),
    ("py", "pi-", 160),
    ("h", "f_", 34),
    ("gs", "k_", 52),
    ("dckr", "_pat_", 27),
    ("shp", "at_", 32),
    ("do", "p_v1_", 64),
    ("SG.", "", 0),
    ("lin_", "api_", 40),
    ("ntn", "_", 46),
    ("dap", "i", 32),
    ("NR", "AK-", 27),
    ("gl", "sa_", 0),
    ("key", "-", 32),
];

/// Names under which values without a shape of their own are kept.
const NAMES: &[(&str, &str)] = &[
    ("DB_PASSWORD=", ""),
    ("password: \"", "\""),
    ("\"passwd\": \"", "\""),
    ("api_key = '", "'"),
    ("export STRIPE_SECRET=", ""),
    ("client_secret: ", ""),
    ("x-api-key: ", ""),
    ("Authorization: Bearer ", ""),
    ("postgresql://svc:", "@db.internal:5432/app"),
    ("aws_secret_access_key = ", ""),
    ("\"accessToken\":\"", "\""),
    ("the password is ", " for now"),
    ("AUTH_TOKEN=", ""),
    ("spring.datasource.password=", ""),
    ("Data Source=x;Password=", ";"),
];

/// What looks like a secret and is none. `@` is filled with random letters, `#` with base 16.
const NEGATIVE: &[&str] = &[
    "commit #40",
    "sha256:#64",
    "\"integrity\": \"sha512-@86==\"",
    "id = \"#8-#4-#4-#4-#12\"",
    "API_KEY=your_api_key_here",
    "password: changeme",
    "password = os.environ['DB_PASSWORD']",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "SECRET_KEY=<insert-key>",
    "api_key: xxxxxxxxxxxxxxxxxxxxxxxx",
    "data:image/png;base64,iVBORw0KGgo@200",
    "ETag: W/\"#32\"",
    "const token = await getToken(user.id);",
    "public_key: @88",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5@43 ada@host",
    "docker pull registry.example.org/app@sha256:#64",
    "tokenizer.model_max_length = 131072",
    "session-id: #8-#4-#4-#4-#12",
    "-----BEGIN CERTIFICATE-----",
    "password_reset_url: https://example.org/reset",
    "checksum md5 #32",
    "secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
    "The token #7 was merged.",
    "key_id: #16",
    "nonce=#24",
    "version = \"v1.#4.@6\"",
    "class PasswordResetTokenGenerator(Base):",
    "go.sum h1:@43=",
    "trace_id=#32 span_id=#16",
    "AWS_REGION=eu-central-1",
];

pub(crate) fn measure() {
    let mut draw = Draw::new(77);
    let found = |text: &str| shaped(text.as_bytes()).any(|finding| crate::is_secret(finding.kind));
    let (mut there, mut right) = (0, 0);
    for _ in 0..EACH {
        for text in positive(&mut draw) {
            there += 1;
            right += usize::from(found(&text));
            if std::env::args().any(|argument| argument == "--show") && !found(&text) {
                println!("  missed: {text}");
            }
        }
    }
    let (mut harmless, mut wrong) = (0, 0);
    for _ in 0..EACH {
        for mask in NEGATIVE {
            let text = filled(mask, &mut draw);
            harmless += 1;
            wrong += usize::from(found(&text));
            if std::env::args().any(|argument| argument == "--show") && found(&text) {
                println!("  taken: {text}");
            }
        }
    }
    println!(
        "\nsecrets: recall {:.3} of {there}, false positives {:.3} of {harmless}",
        right as f64 / there as f64,
        wrong as f64 / harmless as f64
    );
}

fn positive(draw: &mut Draw) -> Vec<String> {
    let mut texts = Vec::new();
    for (head, rest, length) in HEADS {
        let tail = match *head {
            "SG." => format!("{}.{}", draw.mixed(22), draw.mixed(43)),
            "AK" => draw.signs("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", *length),
            "do" | "shp" | "dap" | "key" => draw.signs("0123456789abcdef", *length),
            "NR" => draw.signs("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *length),
            _ if *length == 0 => {
                format!("{}_{}", draw.mixed(32), draw.signs("0123456789abcdef", 8))
            }
            _ => draw.mixed(*length),
        };
        let before = draw.one(&["", "use ", "KEY=", "\"key\": \"", "https://x.example/?k="]);
        texts.push(format!("{before}{head}{rest}{tail}\n"));
    }
    for (before, after) in NAMES {
        let length = 12 + draw.below(24);
        let mut value = draw.mixed(length);
        // Half of the passwords are such as people choose.
        if before.to_lowercase().contains("pass") && draw.below(2) == 0 {
            value = format!(
                "{}{}{}",
                draw.one(&["Winter", "Tr0mbone", "blueHorse", "correct-H0rse"]),
                draw.one(&["!", "#", "$", "?"]),
                draw.digits(4)
            );
        }
        texts.push(format!("{before}{value}{after}\n"));
    }
    texts
}

fn filled(mask: &str, draw: &mut Draw) -> String {
    let mut text = String::new();
    let mut signs = mask.chars().peekable();
    while let Some(sign) = signs.next() {
        let mut count = String::new();
        while matches!(sign, '#' | '@') && signs.peek().is_some_and(char::is_ascii_digit) {
            count.extend(signs.next());
        }
        match (sign, count.parse::<usize>()) {
            ('#', Ok(count)) => text.push_str(&draw.signs("0123456789abcdef", count)),
            ('@', Ok(count)) => text.push_str(&draw.mixed(count)),
            _ => text.push(sign),
        }
    }
    text
}
