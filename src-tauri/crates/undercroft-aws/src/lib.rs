//! STS calls, clock offsets and credential formats; endpoint, clock and HTTP are passed in.
