//! Pictures and sounds: told apart, known again, and refused by name where they are no use.
//!
//! With models and projectors of true kinds and random weights: what they say means nothing, but
//! every point of a picture changes it.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use oratory_contract::{Ability, Asked, LocalPlace, Medium, Message, Role, Sense, Task};
use oratory_local::shapes::{self, Senses};

use crate::house::{House, question};

/// Models by name, and what lets each see: plain, windowed and seeing ahead, recurrent with places
/// in two dimensions.
const SEEING: [(&str, Senses); 3] = [
    ("tiny-llama", Senses::Qwen3),
    ("tiny-gemma3", Senses::Gemma3),
    ("tiny-qwen35", Senses::Qwen3),
];

fn house(models: &[(&str, Senses)]) -> House {
    let house = House::with(&[], |config| {
        config.lanes = Some(4);
        config.guess = oratory_local::Guess::Never;
    });
    for (name, senses) in models {
        let shape = shapes::find(name).unwrap();
        shapes::write(&shape, &house.path(&format!("{name}.gguf"))).unwrap();
        let beside = house.path(&format!("mmproj-{name}-F32.gguf"));
        shapes::write_projector(&shape, *senses, &beside).unwrap();
    }
    house.engine.rescan();
    house
}

/// A picture whose points depend on `seed`.
fn picture(seed: u32, width: u32, height: u32) -> Vec<u8> {
    let point = |x: u32, y: u32| {
        let hue = (x * (seed + 3) + y * (seed + 5)) * 7;
        Rgb([hue as u8, (hue / 2) as u8, (255 - hue % 256) as u8])
    };
    let picture: DynamicImage = RgbImage::from_fn(width, height, point).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn shown(caller: &str, file: Vec<u8>, text: &str) -> Asked {
    let mut asked = question(text);
    asked.caller = caller.into();
    asked.limits.max_tokens = Some(8);
    let at = text.find(' ').unwrap_or(0);
    asked.messages[0].media.push(Medium { sense: Sense::Sight, at, file: file.into() });
    asked
}

#[tokio::test]
async fn every_kind_of_model_tells_pictures_apart_and_knows_them_again() {
    let house = house(&SEEING);
    for (name, _) in SEEING {
        let text = "what is bababa to be seen here";
        let (plain, before) = house.hear(name, question(text)).await.unwrap();
        let (one, done) = house.hear(name, shown("a", picture(1, 64, 64), text)).await.unwrap();
        let (two, _) = house.hear(name, shown("a", picture(2, 64, 64), text)).await.unwrap();
        assert_ne!(one, two, "{name}: another picture is another question");
        assert!(done.usage.input > before.usage.input, "{name}: {:?}", done.usage);
        let (again, known) = house.hear(name, shown("a", picture(1, 64, 64), text)).await.unwrap();
        assert_eq!(again, one, "{name}");
        assert!(known.usage.cached > 0, "{name}: {:?}", known.usage);
        let (fresh, unknown) =
            house.hear(name, shown("b", picture(1, 64, 64), text)).await.unwrap();
        assert_eq!((fresh, unknown.usage.cached), (one, 0), "{name}");
        let (after, _) = house.hear(name, question(text)).await.unwrap();
        assert_eq!(after, plain, "{name}: text is read as ever");
    }
}

#[tokio::test]
async fn a_conversation_goes_on_about_a_picture_without_reading_it_again() {
    let house = house(&SEEING);
    for (name, _) in SEEING {
        let first = shown("a", picture(3, 96, 64), &format!("see {}", "bababa ".repeat(60)));
        let (said, before) = house.hear(name, first.clone()).await.unwrap();
        let next = |caller: &str| {
            let mut next = first.clone();
            next.caller = caller.into();
            next.messages.push(Message::new(Role::Assistant, said.clone()));
            next.messages.push(Message::new(Role::User, "and what else"));
            next
        };
        let (kept, done) = house.hear(name, next("a")).await.unwrap();
        let (fresh, _) = house.hear(name, next("b")).await.unwrap();
        assert_eq!(kept, fresh, "{name}");
        let half = before.usage.input / 2;
        assert!(done.usage.cached > half, "{name}: {:?} of {:?}", done.usage, before.usage);
    }
}

#[tokio::test]
async fn several_pictures_stand_where_they_were_put_and_are_counted() {
    let house = house(&SEEING);
    for (name, _) in SEEING {
        let ask = |first: u32, second: u32| {
            let mut asked = shown("a", picture(first, 80, 40), "see this and that bababa");
            let file = picture(second, 40, 80).into();
            asked.messages[0].media.push(Medium { sense: Sense::Sight, at: 9, file });
            asked
        };
        // A made model does not notice everything.
        let mut unlike = 0;
        for (first, second) in [(1, 2), (3, 4), (5, 6), (7, 8)] {
            let (one, _) = house.hear(name, ask(first, second)).await.unwrap();
            let (other, _) = house.hear(name, ask(second, first)).await.unwrap();
            unlike += u32::from(one != other);
        }
        assert!(unlike > 0, "{name}: their order matters");
        let (_, done) = house.hear(name, ask(1, 2)).await.unwrap();
        let (_, counted) =
            house.hear(name, Asked { task: Task::Count, ..ask(1, 2) }).await.unwrap();
        assert_eq!(counted.usage.input, done.usage.input, "{name}");
    }
}

#[tokio::test]
async fn answers_beside_pictures_go_on() {
    let house = house(&SEEING);
    for (name, _) in SEEING {
        let alone = house.hear(name, shown("a", picture(5, 64, 64), "see bababa")).await.unwrap().1;
        let plain = house.hear(name, question("what is bababa")).await.unwrap().1;
        let many =
            (0..4).map(|caller| shown(&caller.to_string(), picture(5, 64, 64), "see bababa"));
        let many = many.map(|asked| house.hear(name, asked));
        let beside = house.hear(name, question("what is bababa"));
        let (seen, beside) = tokio::join!(futures_util::future::join_all(many), beside);
        // Rounding depends on who shares a batch, so only how much was said is certain.
        for seen in seen {
            assert_eq!(seen.unwrap().1.usage.output, alone.usage.output, "{name}");
        }
        assert_eq!(beside.unwrap().1.usage.output, plain.usage.output, "{name}");
    }
}

#[tokio::test]
async fn a_model_that_hears_tells_sounds_apart() {
    let model = ("tiny-qwen3", Senses::Qwen2Audio);
    let house = house(&[model]);
    let ask = |hertz: f64| {
        let mut asked = shown("a", wave(hertz), "hear bababa");
        asked.messages[0].media[0].sense = Sense::Hearing;
        asked
    };
    let low = house.hear(model.0, ask(220.0)).await.unwrap();
    let high = house.hear(model.0, ask(1500.0)).await.unwrap();
    assert_ne!(low.0, high.0);
    assert_eq!(house.hear(model.0, ask(220.0)).await.unwrap().0, low.0);
    let seen = house.hear(model.0, shown("a", picture(1, 8, 8), "see")).await.unwrap_err();
    assert!(seen.message.contains("cannot read pictures"), "{seen}");
}

/// Five seconds of a tone.
fn wave(hertz: f64) -> Vec<u8> {
    let sample =
        |at: u32| ((f64::from(at) / 4e3 * hertz * std::f64::consts::TAU).sin() * 9e3) as i16;
    let data: Vec<u8> = (0..20_000).flat_map(|at| sample(at).to_le_bytes()).collect();
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(4_000_u32.to_le_bytes());
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[tokio::test]
async fn what_is_no_use_is_refused_by_name_and_the_process_stays() {
    let house = house(&SEEING[..1]);
    let name = SEEING[0].0;
    let (said, _) = house.hear(name, shown("a", picture(1, 1, 1), "see bababa")).await.unwrap();
    let pid = house.worker(name).pid;
    let whole = picture(1, 64, 64);
    let mut bomb = whole.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for (file, words) in [
        (whole[..whole.len() / 2].to_vec(), "is damaged"),
        (bomb, "is damaged"),
        (b"no picture".to_vec(), "is no PNG"),
        (picture(1, 2000, 4), "no side may be more than 200 times the other"),
    ] {
        let failure = house.hear(name, shown("a", file, "see bababa")).await.unwrap_err();
        assert!(failure.message.contains(words), "{failure} does not say {words:?}");
        assert!(failure.hint.is_some());
    }
    let mut long = shown("a", picture(2, 300, 300), "see bababa");
    for _ in 0..40 {
        let file = picture(2, 300, 300).into();
        long.messages[0].media.push(Medium { sense: Sense::Sight, at: 3, file });
    }
    let failure = house.hear(name, long).await.unwrap_err();
    assert!(failure.message.contains("the model's context holds 4096"), "{failure}");
    let mut sound = shown("a", wave(220.0), "hear");
    sound.messages[0].media[0].sense = Sense::Hearing;
    let failure = house.hear(name, sound).await.unwrap_err();
    assert!(failure.message.contains("cannot hear sounds"), "{failure}");
    let again = house.hear(name, shown("a", picture(1, 1, 1), "see bababa")).await.unwrap().0;
    assert_eq!((again, house.worker(name).pid), (said, pid));
}

#[tokio::test]
async fn a_projector_of_another_model_leaves_its_neighbour_blind_and_well() {
    let house = house(&SEEING[..1]);
    let shape = shapes::find("tiny-qwen3").unwrap();
    shapes::write(&shape, &house.path("other.gguf")).unwrap();
    let narrow = shapes::find("tiny-gemma3n").unwrap();
    let beside = house.path("mmproj-other.gguf");
    shapes::write_projector(&narrow, Senses::Qwen3, &beside).unwrap();
    house.engine.rescan();
    let abilities = |name: &str| {
        let models = house.engine.models();
        let card = models.iter().find(|card| card.name.as_str() == name).unwrap();
        card.abilities.clone()
    };
    assert!(abilities("tiny-llama").contains(&Ability::See));
    assert!(!abilities("other").contains(&Ability::See));
    house.hear("other", question("bababa")).await.unwrap();
    let failure = house.hear("other", shown("a", picture(1, 8, 8), "see")).await.unwrap_err();
    assert!(failure.message.contains("cannot read pictures"), "{failure}");
    // One that only its own header says the truth about is found out when it is loaded.
    shapes::write_projector(&shape, Senses::Qwen3, &beside).unwrap();
    let bytes = std::fs::read(&beside).unwrap();
    let at = bytes.windows(16).position(|at| at == b"mm.2.weight\x02\0\0\0\0").unwrap();
    let mut lying = bytes;
    lying[at..at + 11].copy_from_slice(b"mm.7.weight");
    std::fs::write(&beside, lying).unwrap();
    house.engine.rescan();
    assert!(abilities("other").contains(&Ability::See));
    let failure = house.hear("other", shown("a", picture(1, 8, 8), "see")).await.unwrap_err();
    assert!(failure.message.contains("cannot load the projector"), "{failure}");
    house.hear("other", question("bababa")).await.unwrap();
}
