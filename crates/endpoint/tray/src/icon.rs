//! Icons, drawn: each mood has a shape of its own, so that nobody has to tell colours apart, and colours
//! that stand out on light and dark panels.

use ksni::Icon;
use tidegate_agent_core::Mood;

/// Sizes in pixels: for plain and for dense screens.
const SIZES: [i32; 2] = [22, 44];

/// The icons of a mood, as ARGB32 in network byte order.
pub(crate) fn of(mood: Mood) -> Vec<Icon> {
    SIZES.map(|size| draw(mood, size)).to_vec()
}

fn draw(mood: Mood, size: i32) -> Icon {
    let (red, green, blue) = colour(mood);
    let mut data = Vec::new();
    for row in 0..size {
        for column in 0..size {
            // The middle of the pixel, within a square from -1 to 1.
            let at = |place: i32| (f64::from(place) + 0.5) / f64::from(size) * 2.0 - 1.0;
            let alpha = cover(mood, at(column), at(row), 2.0 / f64::from(size));
            data.extend([alpha, red, green, blue]);
        }
    }
    Icon {
        width: size,
        height: size,
        data,
    }
}

const fn colour(mood: Mood) -> (u8, u8, u8) {
    match mood {
        Mood::Connected => (0x2e, 0xa0, 0x6a),
        Mood::Connecting => (0x5b, 0x8d, 0xc9),
        Mood::Attention => (0xd9, 0x8a, 0x1c),
        Mood::Degraded => (0xd0, 0x4a, 0x3c),
        Mood::SignedOut | Mood::Stopped => (0x86, 0x90, 0x9c),
    }
}

/// How much of a pixel the shape covers, from its distance to the shape.
fn cover(mood: Mood, x: f64, y: f64, pixel: f64) -> u8 {
    let inside = shape(mood, x, y) / pixel + 0.5;
    // A byte holds it: it was clamped.
    (inside.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Above zero within the shape, by how far.
fn shape(mood: Mood, x: f64, y: f64) -> f64 {
    let radius = x.hypot(y);
    let ring = 0.10 - (radius - 0.80).abs();
    let stroke = |from: (f64, f64), to: (f64, f64)| 0.13 - to_line((x, y), from, to);
    let mark = match mood {
        // A tick.
        Mood::Connected => {
            stroke((-0.38, 0.02), (-0.10, 0.30)).max(stroke((-0.10, 0.30), (0.40, -0.28)))
        }
        // Three dots.
        Mood::Connecting => {
            let dot = |middle: f64| 0.13 - (x - middle).hypot(y);
            dot(-0.38).max(dot(0.0)).max(dot(0.38))
        }
        // An exclamation mark.
        Mood::Attention => stroke((0.0, -0.40), (0.0, 0.08)).max(0.14 - x.hypot(y - 0.40)),
        // A cross.
        Mood::Degraded => {
            stroke((-0.32, -0.32), (0.32, 0.32)).max(stroke((-0.32, 0.32), (0.32, -0.32)))
        }
        // A person.
        Mood::SignedOut => {
            let shoulders = (0.36 - x.hypot(y - 0.42)).min(0.42 - y);
            (0.22 - x.hypot(y + 0.22)).max(shoulders)
        }
        // A bar across.
        Mood::Stopped => stroke((-0.56, 0.56), (0.56, -0.56)),
    };
    ring.max(mark)
}

/// How far a point is from a line between two.
fn to_line(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = (point.0 - from.0) * dx + (point.1 - from.1) * dy;
    let part = (along / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (point.0 - from.0 - part * dx).hypot(point.1 - from.1 - part * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOODS: [Mood; 6] = [
        Mood::Stopped,
        Mood::SignedOut,
        Mood::Connecting,
        Mood::Connected,
        Mood::Attention,
        Mood::Degraded,
    ];

    fn outline(icon: &Icon) -> Vec<bool> {
        icon.data.chunks(4).map(|pixel| pixel[0] > 127).collect()
    }

    #[test]
    fn each_mood_has_a_shape_of_its_own() {
        for (at, mood) in MOODS.iter().enumerate() {
            let icons = of(*mood);
            for icon in &icons {
                let pixels = usize::try_from(icon.width * icon.height).unwrap();
                assert_eq!(icon.data.len(), pixels * 4);
            }
            for other in &MOODS[..at] {
                let (one, two) = (outline(&icons[0]), outline(&of(*other)[0]));
                let differ = one.iter().zip(&two).filter(|(a, b)| a != b).count();
                assert!(
                    differ > 12,
                    "{mood:?} looks like {other:?}: {differ} pixels"
                );
            }
        }
    }
}
