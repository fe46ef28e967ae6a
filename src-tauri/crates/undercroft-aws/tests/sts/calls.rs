//! The calls that make sessions, as one: what holds for each of them is tested for each of them.

use std::sync::Arc;
use std::time::Duration;

use undercroft_aws::{
    Answer, AwsConsole, AwsError, ConsoleOrigin, ConsoleSignIn, Destination, FederationWish,
    HttpClient, HttpSettings, MfaProof, RoleWish, SessionCredentials, SessionKeyId, SignInSite,
    Signer, Sts, SystemClock, Target,
};
use undercroft_model::{
    EndpointUrl, FederatedName, Partition, RoleArn, RoleSessionName, Timestamp,
};
use undercroft_secret::SecretString;

use crate::{anns_key, secs};

/// The web identity token of these tests.
pub(crate) const WEB_TOKEN: &str =
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqb2ItMSJ9.c2lnbmF0dXJlLWNhbmFyeQ";

/// A call that makes a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Making {
    Session,
    Role,
    ChainedRole,
    Federation,
    WebIdentity,
}

impl Making {
    pub(crate) const ALL: [Self; 5] = [
        Self::Session,
        Self::Role,
        Self::ChainedRole,
        Self::Federation,
        Self::WebIdentity,
    ];

    /// Whether the call can carry a token code.
    pub(crate) fn takes_a_code(self) -> bool {
        matches!(self, Self::Session | Self::Role)
    }

    /// AWS's name of the call.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Self::Session => "GetSessionToken",
            Self::Role | Self::ChainedRole => "AssumeRole",
            Self::Federation => "GetFederationToken",
            Self::WebIdentity => "AssumeRoleWithWebIdentity",
        }
    }

    /// Makes the call, for 900 seconds.
    pub(crate) async fn ask(
        self,
        sts: &dyn Sts,
        target: &Target,
        mfa: Option<MfaProof>,
    ) -> Result<Answer<SessionCredentials>, AwsError> {
        let key = anns_key();
        match self {
            Self::Session => sts.get_session_token(target, &key, secs(900), mfa).await,
            Self::Role => {
                let wish = role_wish("arn:aws:iam::123456789012:role/deploy", 900);
                sts.assume_role(target, Signer::Key(&key), &wish, mfa).await
            }
            Self::ChainedRole => {
                let wish = role_wish("arn:aws:iam::123456789012:role/hop", 900);
                let session = some_session();
                sts.assume_role(target, Signer::Session(&session), &wish, mfa)
                    .await
            }
            Self::Federation => {
                let wish = federation_wish("guest", 900);
                sts.get_federation_token(target, &key, &wish).await
            }
            Self::WebIdentity => {
                let wish = role_wish("arn:aws:iam::123456789012:role/job", 900);
                let token = SecretString::copy_of(WEB_TOKEN);
                sts.assume_role_with_web_identity(target, &token, &wish)
                    .await
            }
        }
    }

    /// What STS answers to the call.
    pub(crate) fn xml(self, id: &str, secret: &str, token: &str, expiration: &str) -> String {
        let action = self.action();
        format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
             <Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
             <SessionToken>{token}</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             </{action}Result></{action}Response>"
        )
    }
}

pub(crate) fn role_wish(role: &str, duration_secs: u32) -> RoleWish {
    RoleWish {
        role: RoleArn::parse(role).expect("a role"),
        session_name: RoleSessionName::parse("ann@work").expect("a name"),
        duration: secs(duration_secs),
        external_id: None,
        source_identity: None,
        tags: Vec::new(),
        policy: None,
        policy_arns: Vec::new(),
    }
}

pub(crate) fn federation_wish(name: &str, duration_secs: u32) -> FederationWish {
    FederationWish {
        name: FederatedName::parse(name).expect("a name"),
        duration: secs(duration_secs),
        policy: None,
        policy_arns: Vec::new(),
        tags: Vec::new(),
    }
}

/// A session that no service made.
pub(crate) fn some_session() -> SessionCredentials {
    SessionCredentials::new(
        SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").expect("an id"),
        SecretString::copy_of("session/secret+canary\"\\"),
        SecretString::copy_of("session/token+canary=="),
        Timestamp::from_unix_secs(4_000_000_000),
    )
    .expect("credentials")
}

pub(crate) fn console(limit: Duration) -> AwsConsole {
    let http = HttpClient::new(&HttpSettings::default()).expect("valid settings");
    AwsConsole::new(http, Arc::new(SystemClock)).with_time_limit(limit)
}

pub(crate) fn site(endpoint: &str) -> SignInSite {
    SignInSite {
        partition: Partition::Aws,
        endpoint: Some(EndpointUrl::parse(endpoint).expect("an address")),
    }
}

/// Asks for the address that signs in to the start page.
pub(crate) async fn login_url(
    console: &dyn ConsoleSignIn,
    endpoint: &str,
    session: &SessionCredentials,
    origin: ConsoleOrigin,
) -> Result<SecretString, AwsError> {
    let answer = console
        .login_url(&site(endpoint), session, origin, &Destination::default())
        .await;
    answer.map(|answer| answer.value)
}
