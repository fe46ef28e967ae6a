//! The records of a vault, as they stand in its body.
//!
//! Each is a CBOR map with text keys. Keys that this version does not know are kept in [`Extra`] and written back,
//! so an older Undercroft never strips what a newer one added.
//!
//! A few small maps are closed: [`Revision`], [`SealedValue`], [`ItemState`], [`IdentityKind`], [`OtpParams`], [`Mfa`],
//! [`RoleSource`], [`TokenSource`], [`SessionTag`] and the maps around [`Content`] and [`Recipe`]. They never grow, and reading refuses keys that it would lose; what is new goes beside them.
//!
//! [`OtpParams`]: crate::OtpParams

mod account;
mod content;
mod extra;
mod identity;
mod item;
mod macros;
mod profile;
mod sealed;
mod settings;

pub use account::{Account, CustomSecret, Endpoints};
pub use content::Content;
pub use extra::Extra;
pub use identity::{
    AccessKey, Enrolment, Identity, IdentityKind, KeyState, MfaDevice, PastPassword, SignOn,
};
pub use item::{Item, ItemState, PastContent, PastReason, Revision};
pub use profile::{
    Approval, FederatedRecipe, KeyRecipe, Mfa, OutputFormat, Profile, Recipe, RoleRecipe,
    RoleSource, SessionRecipe, SessionTag, SsoRecipe, TokenSource, WebIdentityRecipe,
};
pub use sealed::SealedValue;
pub use settings::{ApprovalRule, QuickUnlock, Settings, Theme, Verdict};
