//! Calls to the Security Token Service and to IAM, the texts that a session is copied as, and the files of `~/.aws`.
//!
//! - [`Sts`] is what the rest of Undercroft asks; [`AwsSts`] answers it over the network with `aws-sdk-sts`, and tests
//!   script their own.
//! - [`Iam`] and [`AwsIam`] do the same for the MFA devices of IAM users.
//! - [`ConsoleSignIn`] and [`AwsConsole`] make the address that signs a session in to the web console.
//! - [`AwsError`] says what went wrong in terms that a person can act on.
//! - [`format`] writes a session for a shell, a credentials file or a program.
//! - [`files`] reads and edits the files of `~/.aws` and reads the CSVs of the console, as texts.
//!
//! # What is passed in
//! Endpoint, region, clock offset, proxy, certificate authorities and the clock all come from the caller. Nothing is
//! taken from the environment or from files: no `AWS_*` variable, no `~/.aws`, no proxy variable, no `SSL_CERT_FILE`.
//! One variable makes the SDK itself load a foreign list of endpoints, `SMITHY_CLIENT_SDK_CUSTOM_PARTITION`; while it
//! is set, every call fails with [`AwsErrorKind::HostileEnvironment`] before anything is sent.
//!
//! # What goes over the wire, and how often
//! - HTTPS, except for a custom endpoint that the user wrote with `http://`. Redirects are never followed.
//! - At most 64 KiB of an answer are read, and a call takes at most 15 seconds, its retry included.
//! - A call that carries a token code is sent once. Other calls are repeated once when the connection failed, when AWS
//!   asked to slow down, or when the clock offset turned out wrong; those that make or remove something only for the last.
//! - The `Date` header of every answer is compared with the local clock; the offset comes back with the answer and with
//!   the error, for the caller to keep per endpoint.
//!
//! # Secrets
//! Long-term keys and session credentials are [`undercroft_secret`] types here. The SDK gets its own copy for the time
//! of a call: `aws_credential_types::Credentials` wipes itself, but the signed request, the answer's body and the
//! parsed output are ordinary memory of the SDK's. They live until the call returns, no client, connection or cache
//! outlives it, and the process's wiping allocator cleans what they leave. The SDK's own logging is switched off for
//! the duration of a call, because `LOG_SENSITIVE_BODIES` and `LOG_SIGNABLE_BODY` would print bodies.

mod call;
mod client;
mod clock;
mod console;
mod credentials;
mod error;
pub mod files;
pub mod format;
mod http;
mod iam;
mod iam_client;
mod sts;

pub use client::AwsSts;
pub use clock::{SystemClock, WallClock};
pub use console::AwsConsole;
pub use console::{
    ConsoleOrigin, ConsoleService, ConsoleServiceError, ConsoleSignIn, Destination, SignInSite,
    console_limits, login_address, signin_token,
};
pub use credentials::{
    LongTermKey, MfaProof, MfaProofError, ROLE_SECS_DEFAULT, SESSION_SECS_DEFAULT,
    SESSION_SECS_DEFAULT_ROOT, SessionCredentials, SessionCredentialsError, SessionKeyId, Signer,
    federation_limits, role_limits, session_token_limits,
};
pub use error::{AwsError, AwsErrorKind};
pub use http::{CaBundle, CaBundleError, HttpSettings, Proxy, ProxyError};
pub use http::{HttpClient, HttpSetupError};
pub use iam::{CodePair, CodePairError, EnrolledDevice, Iam, IamTarget, NewDevice};
pub use iam_client::AwsIam;
pub use sts::{Answer, CallerIdentity, FederationWish, RoleWish, Sts, Target};
