//! Has the linker fold functions that compile to the same code, which makes the released program a good deal smaller.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name, wanted| env::var(name).is_ok_and(|value| value == wanted);
    // LLD, the linker that rustc brings for this target, knows how; those of other targets may not.
    if is("TARGET", "x86_64-unknown-linux-gnu") && is("PROFILE", "release") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
