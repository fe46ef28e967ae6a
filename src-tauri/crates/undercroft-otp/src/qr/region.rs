//! Where something is in a picture.

/// An upright rectangle of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Region {
    /// Pixels to the left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
}

impl Region {
    /// Returns the part that lies within a picture of this size; empty when there is none.
    #[must_use]
    pub fn within(self, width: u32, height: u32) -> Self {
        let x = self.x.min(width);
        let y = self.y.min(height);
        Self {
            x,
            y,
            width: self.width.min(width - x),
            height: self.height.min(height - y),
        }
    }

    /// Returns the smallest region around some points, cut off at the picture's edges.
    pub(super) fn around(
        points: impl IntoIterator<Item = (f32, f32)>,
        width: u32,
        height: u32,
    ) -> Self {
        let (mut left, mut top, mut right, mut bottom) = (f32::MAX, f32::MAX, 0_f32, 0_f32);
        for (x, y) in points {
            left = left.min(x);
            right = right.max(x);
            top = top.min(y);
            bottom = bottom.max(y);
        }
        // Casting a float saturates, and makes no number a zero.
        let (x, y) = (left.floor() as u32, top.floor() as u32);
        Self {
            x,
            y,
            width: (right.ceil() as u32).saturating_sub(x).max(1),
            height: (bottom.ceil() as u32).saturating_sub(y).max(1),
        }
        .within(width, height)
    }

    /// Tells whether two regions share most of the smaller one: the same code, found twice.
    pub(super) fn is_same_place(self, other: Self) -> bool {
        let overlap = |start: u32, length: u32, other_start: u32, other_length: u32| {
            let end = (start + length).min(other_start + other_length);
            u64::from(end.saturating_sub(start.max(other_start)))
        };
        let shared = overlap(self.x, self.width, other.x, other.width)
            * overlap(self.y, self.height, other.y, other.height);
        let area = |region: Self| u64::from(region.width) * u64::from(region.height);
        shared * 2 > area(self).min(area(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(x: u32, y: u32, width: u32, height: u32) -> Region {
        Region {
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn a_region_is_cut_off_at_the_edges() {
        assert_eq!(region(5, 5, 10, 2).within(8, 8), region(5, 5, 3, 2));
        assert_eq!(region(9, 0, 1, 1).within(8, 8), region(8, 0, 0, 1));
        let all = region(0, 0, u32::MAX, u32::MAX);
        assert_eq!(all.within(8, 8), region(0, 0, 8, 8));
    }

    #[test]
    fn points_outside_and_no_numbers_do_no_harm() {
        let points = [(-3.0, 2.0), (4.0, f32::NAN), (1e9, 5.0)];
        assert_eq!(Region::around(points, 10, 10), region(0, 2, 10, 3));
        assert_eq!(Region::around([], 10, 10), region(10, 10, 0, 0));
    }

    #[test]
    fn the_same_place_is_most_of_it() {
        assert!(region(0, 0, 10, 10).is_same_place(region(1, 1, 10, 10)));
        assert!(region(0, 0, 10, 10).is_same_place(region(2, 2, 4, 4)));
        assert!(region(0, 0, 10, 10).is_same_place(region(0, 0, 4, 4)));
        assert!(!region(0, 0, 10, 10).is_same_place(region(8, 0, 10, 10)));
        assert!(!region(0, 0, 10, 10).is_same_place(region(5, 0, 10, 10)));
        assert!(region(0, 0, 10, 10).is_same_place(region(4, 0, 10, 10)));
    }
}
