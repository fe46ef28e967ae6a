//! Where an attempt's pixels are in the picture.

use super::Region;

/// How the pixels of an attempt lie in the picture.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    x: i64,
    y: i64,
    /// Pixels of the picture for four of the attempt.
    quarters: i64,
}

impl Frame {
    pub(super) const WHOLE: Self = Self::scaled(4);
    pub(super) const HALF: Self = Self::scaled(8);
    pub(super) const QUARTER: Self = Self::scaled(16);
    pub(super) const DOUBLE: Self = Self::scaled(2);

    const fn scaled(quarters: i64) -> Self {
        Self {
            x: 0,
            y: 0,
            quarters,
        }
    }

    /// The frame of a part that was cut out.
    pub(super) fn at(region: Region) -> Self {
        Self {
            x: i64::from(region.x),
            y: i64::from(region.y),
            quarters: 4,
        }
    }

    /// The frame of a picture of half the size.
    pub(super) const fn halved(self) -> Self {
        Self {
            quarters: self.quarters * 2,
            ..self
        }
    }

    /// The frame of a picture of double the size.
    pub(super) const fn doubled(self) -> Self {
        Self {
            quarters: self.quarters / 2,
            ..self
        }
    }

    /// The frame of a part with a margin around it.
    pub(super) fn moved(self, part: Region, margin: u32) -> Self {
        Self {
            x: self.x + i64::from(part.x) - i64::from(margin),
            y: self.y + i64::from(part.y) - i64::from(margin),
            ..self
        }
    }

    /// Returns where a region of the attempt is in the picture.
    pub(super) fn place(self, region: Region) -> Region {
        let place = |start: i64, at: u32| start + i64::from(at) * self.quarters / 4;
        let length = |length: u32| (i64::from(length) * self.quarters / 4).max(1) as u32;
        Region {
            x: place(self.x, region.x).max(0) as u32,
            y: place(self.y, region.y).max(0) as u32,
            width: length(region.width),
            height: length(region.height),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_placed_by_scale_and_place() {
        let region = |x, y, width, height| Region {
            x,
            y,
            width,
            height,
        };
        let found = region(10, 20, 30, 40);
        assert_eq!(Frame::WHOLE.place(found), found);
        assert_eq!(Frame::HALF.place(found), region(20, 40, 60, 80));
        assert_eq!(Frame::HALF.halved().place(found), region(40, 80, 120, 160));
        let part = Frame::at(region(100, 200, 50, 50));
        assert_eq!(part.doubled().place(found), region(105, 210, 15, 20));
        let padded = part.moved(region(5, 6, 20, 20), 8);
        assert_eq!(padded.place(found), region(107, 218, 30, 40));
        assert_eq!(
            Frame::WHOLE
                .moved(region(0, 0, 1, 1), 8)
                .place(region(2, 9, 1, 1))
                .y,
            1
        );
    }
}
