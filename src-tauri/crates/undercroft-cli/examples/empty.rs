//! A program that does nothing: what starting and ending one costs by itself.

fn main() {}
