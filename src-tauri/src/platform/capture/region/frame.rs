//! The frame that is drawn, as a rectangle that stays on the screen.

use x11rb::protocol::xproto::Rectangle;

/// A smaller rectangle is a slip of the hand.
pub(super) const LEAST: u16 = 12;
/// How far a key moves the frame.
pub(super) const STRIDE: i16 = 24;
/// The frame that the keyboard starts with.
const FIRST: u16 = 320;

pub(super) const fn area(x: i16, y: i16, width: u16, height: u16) -> Rectangle {
    Rectangle {
        x,
        y,
        width,
        height,
    }
}

pub(super) fn between(one: (i16, i16), other: (i16, i16)) -> Rectangle {
    area(
        one.0.min(other.0),
        one.1.min(other.1),
        one.0.abs_diff(other.0),
        one.1.abs_diff(other.1),
    )
}

/// With room for the line around it.
pub(super) fn grown(frame: Rectangle) -> Rectangle {
    area(
        frame.x.saturating_sub(2),
        frame.y.saturating_sub(2),
        frame.width.saturating_add(4),
        frame.height.saturating_add(4),
    )
}

pub(super) fn middle_of(whole: Rectangle) -> Rectangle {
    let (width, height) = (FIRST.min(whole.width), FIRST.min(whole.height));
    let start = |room: u16, length: u16| i16::try_from((room - length) / 2).unwrap_or(0);
    area(
        start(whole.width, width),
        start(whole.height, height),
        width,
        height,
    )
}

pub(super) fn moved(frame: Rectangle, (right, down): (i16, i16), whole: Rectangle) -> Rectangle {
    let most =
        |room: u16, length: u16| i16::try_from(room.saturating_sub(length)).unwrap_or(i16::MAX);
    area(
        frame
            .x
            .saturating_add(right)
            .clamp(0, most(whole.width, frame.width)),
        frame
            .y
            .saturating_add(down)
            .clamp(0, most(whole.height, frame.height)),
        frame.width,
        frame.height,
    )
}

pub(super) fn sized(frame: Rectangle, (wider, taller): (i16, i16), whole: Rectangle) -> Rectangle {
    let room = |start: i16, whole: u16| whole.saturating_sub(start.unsigned_abs()).max(LEAST);
    area(
        frame.x,
        frame.y,
        frame
            .width
            .saturating_add_signed(wider)
            .clamp(LEAST, room(frame.x, whole.width)),
        frame
            .height
            .saturating_add_signed(taller)
            .clamp(LEAST, room(frame.y, whole.height)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X11's rectangles can't be compared.
    fn sides(of: Rectangle) -> (i16, i16, u16, u16) {
        (of.x, of.y, of.width, of.height)
    }

    const WHOLE: Rectangle = area(0, 0, 800, 600);

    #[test]
    fn a_drag_in_any_direction_is_a_rectangle() {
        for (one, other) in [
            ((10, 20), (40, 60)),
            ((40, 60), (10, 20)),
            ((10, 60), (40, 20)),
        ] {
            assert_eq!(sides(between(one, other)), (10, 20, 30, 40));
        }
    }

    #[test]
    fn the_keyboard_keeps_the_frame_on_the_screen() {
        let frame = middle_of(WHOLE);
        assert_eq!(sides(frame), (240, 140, 320, 320));
        let mut at = frame;
        for _ in 0..100 {
            at = moved(at, (STRIDE, STRIDE), WHOLE);
        }
        assert_eq!(sides(at), (480, 280, 320, 320));
        for _ in 0..100 {
            at = sized(at, (STRIDE, -STRIDE), WHOLE);
        }
        assert_eq!(sides(at), (480, 280, 320, LEAST));
    }
}
