//! Texts to measure with, the same every time.

use std::{fs, path::Path};

/// Bytes of each.
pub(crate) const SIZE: usize = 200 * 1024;

/// Numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

const WORDS: &str = "the of and to in a is that for it as was with be by on not he his but at are this have from \
or had an they which one you were all her she there would their we him been has when who will no more if out so \
up said what its about than into them can only other time new some could these two may first then do any like my \
now over such our man me even most made after also did many off before must well back through years much where \
your way down should because long each just state those people too mister how little good world make very year \
still see own work men day get here old life both between being under three never know same last another while us \
might great against right came take used himself few house use during without again place american around however \
home small found thought went say part once general high upon school every access account author authority basic \
certain client connection data database default email false generic identity important information integration \
interface internal international key language local machine management message network number object original \
password performance person phone policy position private problem process product program project public question \
reason record request response result secret section security service session simple software source standard \
station statement string structure system table team technology test token training transaction user value";

pub(crate) fn prose() -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut dice = Dice(88_172_645_463_325_252);
    let mut text = String::new();
    while text.len() < SIZE {
        for at in 0..5 + dice.roll(14) {
            let word = words[dice.roll(words.len())];
            if at == 0 {
                text.push_str(&word[..1].to_uppercase());
                text.push_str(&word[1..]);
            } else {
                text.push_str(if dice.roll(12) == 0 { ", " } else { " " });
                text.push_str(word);
            }
        }
        match dice.roll(30) {
            0 => text.push_str(&format!(" in {}", 1900 + dice.roll(130))),
            1 => text.push_str(" - it’s “naïve” "),
            _ => {}
        }
        text.push_str(if dice.roll(8) == 0 { ".\n\n" } else { ". " });
    }
    text
}

/// The sources of this repository.
pub(crate) fn code() -> String {
    fn collect(folder: &Path, text: &mut String) {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|each| each.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if text.len() >= SIZE {
                return;
            }
            if path.is_dir() {
                collect(&path, text);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut text = String::new();
    for part in [
        "../wire/src",
        "../../gateway/governance/src",
        "../../../proxy/src",
    ] {
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &mut text);
    }
    text
}

pub(crate) fn json() -> String {
    let mut dice = Dice(7_046_029_254_386_353_131);
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::from("[");
    while text.len() < SIZE {
        let mut word = || words[dice.roll(words.len())];
        let names = format!(
            "\"name\":\"{} {}\",\"title\":\"{} {} {}\"",
            word(),
            word(),
            word(),
            word(),
            word()
        );
        let id: String = (0..32)
            .map(|_| char::from(b"0123456789abcdef"[dice.roll(16)]))
            .collect();
        text.push_str(&format!(
            "{{\"id\":\"{}-{}-{}-{}-{}\",{names},\"price\":{}.{:02},\"count\":{},\"created_at\":\"2026-{:02}-{:02}T{:02}:15:09Z\",\
             \"tags\":[\"{}\",\"{}\"],\"active\":true,\"next\":null,\"path\":\"/v1/items/{}\",\"vector\":[0.{},-0.{},0.{}]}},\n  ",
            &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..],
            dice.roll(1000), dice.roll(100), dice.roll(100_000), 1 + dice.roll(12), 1 + dice.roll(28), dice.roll(24),
            words[dice.roll(words.len())], words[dice.roll(words.len())], dice.roll(1_000_000),
            dice.roll(1_000_000), dice.roll(1_000_000), dice.roll(1_000_000),
        ));
    }
    text.push(']');
    text
}

/// Base64, as pictures are sent.
pub(crate) fn base64() -> String {
    let mut dice = Dice(1_181_783_497_276_652_981);
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let head = "data:image/png;base64,".chars();
    head.chain((0..SIZE).map(|_| char::from(DIGITS[dice.roll(64)])))
        .collect()
}
