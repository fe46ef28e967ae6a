//! The console's sign-in by script.

use async_trait::async_trait;
use undercroft_aws::{
    Answer, AwsError, ConsoleOrigin, ConsoleSignIn, Destination, SessionCredentials, SignInSite,
};
use undercroft_secret::SecretString;

/// Answers with an address that tells what it was asked with.
pub struct ScriptedConsole;

#[async_trait]
impl ConsoleSignIn for ScriptedConsole {
    async fn login_url(
        &self,
        site: &SignInSite,
        session: &SessionCredentials,
        origin: ConsoleOrigin,
        destination: &Destination,
    ) -> Result<Answer<SecretString>, AwsError> {
        let region = destination.region.as_ref().map(ToString::to_string);
        let service = destination.service.as_ref().map(|service| service.as_str());
        let asked = format!(
            "{}#{}#{origin:?}#{region:?}#{service:?}",
            site.federation_url(None),
            session.key_id()
        );
        Ok(Answer {
            value: SecretString::new(asked),
            clock_offset_secs: None,
        })
    }
}
