//! The real IAM, through `aws-sdk-iam`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_iam::types::AssignmentStatusType;
use undercroft_model::{Serial, Timestamp, UserName};
use undercroft_secret::{SecretBytes, SecretString};

use crate::call::{Authority, Call, Caller, Effect, Place, client};
use crate::{
    Answer, AwsError, AwsErrorKind, CodePair, EnrolledDevice, HttpClient, Iam, IamTarget,
    NewDevice, Signer, WallClock,
};

/// Devices per page: a hundred serials fit into what is read of an answer.
const PAGE: i32 = 100;

/// Pages that are asked for at most.
const MOST_PAGES: usize = 10;

/// The longest seed and serial that are believed, in characters; AWS's seeds have 64.
const MAX_SEED_CHARS: usize = 256;
const MAX_SERIAL_CHARS: usize = 256;

/// AWS's Identity and Access Management over the network.
///
/// It keeps nothing between calls: no connection, no credentials and no clock offset.
#[derive(Clone, Debug)]
pub struct AwsIam(Caller);

impl AwsIam {
    /// Calls over `http`, by the local time of `clock`.
    #[must_use]
    pub fn new(http: HttpClient, clock: Arc<dyn WallClock>) -> Self {
        Self(Caller::new(http, clock))
    }

    /// Gives up on a call after `limit` instead of 15 seconds.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self(self.0.with_time_limit(limit))
    }
}

#[async_trait]
impl Iam for AwsIam {
    async fn create_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        name: &str,
    ) -> Result<Answer<NewDevice>, AwsError> {
        let call = call(target, signer, &[], Effect::Change);
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .create_virtual_mfa_device()
                    .virtual_mfa_device_name(name)
                    .send()
                    .await
            })
            .await?;
        let value = output
            .virtual_mfa_device
            .and_then(new_device)
            .ok_or_else(|| AwsError::bare(AwsErrorKind::BadAnswer, clock_offset_secs))?;
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }

    async fn enable_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError> {
        let [first, second] = codes.expose_codes();
        let spoken = [first, second];
        let call = call(target, signer, &spoken, Effect::Change);
        let serial = codes.serial();
        let (_, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .enable_mfa_device()
                    .user_name(user.as_str())
                    .serial_number(serial.as_str())
                    .authentication_code1(first)
                    .authentication_code2(second)
                    .send()
                    .await
            })
            .await?;
        Ok(done(clock_offset_secs))
    }

    async fn resync_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        codes: CodePair,
    ) -> Result<Answer<()>, AwsError> {
        let [first, second] = codes.expose_codes();
        let spoken = [first, second];
        let call = call(target, signer, &spoken, Effect::Change);
        let serial = codes.serial();
        let (_, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .resync_mfa_device()
                    .user_name(user.as_str())
                    .serial_number(serial.as_str())
                    .authentication_code1(first)
                    .authentication_code2(second)
                    .send()
                    .await
            })
            .await?;
        Ok(done(clock_offset_secs))
    }

    async fn list_mfa_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
    ) -> Result<Answer<Vec<EnrolledDevice>>, AwsError> {
        // A user has up to 8, so there is no second page.
        let call = call(target, signer, &[], Effect::None);
        let (output, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .list_mfa_devices()
                    .user_name(user.as_str())
                    .send()
                    .await
            })
            .await?;
        let value = output
            .mfa_devices()
            .iter()
            .map(|device| enrolled(device.serial_number(), device.enable_date().secs()))
            .collect::<Option<_>>()
            .ok_or_else(|| AwsError::bare(AwsErrorKind::BadAnswer, clock_offset_secs))?;
        Ok(Answer {
            value,
            clock_offset_secs,
        })
    }

    async fn list_unassigned_devices(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
    ) -> Result<Answer<Vec<Serial>>, AwsError> {
        let mut serials = Vec::new();
        let mut marker: Option<String> = None;
        let mut clock_offset_secs = None;
        for _ in 0..MOST_PAGES {
            let from = &marker;
            let call = call(target, signer, &[], Effect::None);
            let (output, offset_secs) = self
                .0
                .call(call, |wiring| async move {
                    client!(aws_sdk_iam, wiring)
                        .list_virtual_mfa_devices()
                        .assignment_status(AssignmentStatusType::Unassigned)
                        .max_items(PAGE)
                        .set_marker(from.clone())
                        .send()
                        .await
                })
                .await?;
            clock_offset_secs = offset_secs.or(clock_offset_secs);
            let page = output.virtual_mfa_devices().iter();
            serials.extend(page.filter_map(|device| Serial::parse(device.serial_number()).ok()));
            marker = output.marker.filter(|_| output.is_truncated);
            if marker.is_none() {
                break;
            }
        }
        Ok(Answer {
            value: serials,
            clock_offset_secs,
        })
    }

    async fn deactivate_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        user: &UserName,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError> {
        let call = call(target, signer, &[], Effect::Change);
        let (_, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .deactivate_mfa_device()
                    .user_name(user.as_str())
                    .serial_number(serial.as_str())
                    .send()
                    .await
            })
            .await?;
        Ok(done(clock_offset_secs))
    }

    async fn delete_virtual_mfa_device(
        &self,
        target: &IamTarget,
        signer: Signer<'_>,
        serial: &Serial,
    ) -> Result<Answer<()>, AwsError> {
        let call = call(target, signer, &[], Effect::Change);
        let (_, clock_offset_secs) = self
            .0
            .call(call, |wiring| async move {
                client!(aws_sdk_iam, wiring)
                    .delete_virtual_mfa_device()
                    .serial_number(serial.as_str())
                    .send()
                    .await
            })
            .await?;
        Ok(done(clock_offset_secs))
    }
}

fn call<'a>(
    target: &IamTarget,
    signer: Signer<'a>,
    codes: &'a [&'a str],
    effect: Effect,
) -> Call<'a> {
    Call {
        place: Place {
            url: target.url(),
            signing_region: target.signing_region().as_str().to_owned(),
            clock_offset_secs: target.clock_offset_secs,
        },
        authority: Authority::Signature(signer),
        codes,
        effect,
    }
}

fn done(clock_offset_secs: Option<i64>) -> Answer<()> {
    Answer {
        value: (),
        clock_offset_secs,
    }
}

/// Moves the seed into a wiped type; the picture of it goes unseen.
fn new_device(sdk: aws_sdk_iam::types::VirtualMfaDevice) -> Option<NewDevice> {
    let seed = SecretBytes::new(sdk.base32_string_seed?.into_inner());
    let seed = SecretString::from_utf8(seed).ok()?;
    let is_base32 = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7' | b'=');
    let is_seed =
        (16..=MAX_SEED_CHARS).contains(&seed.len()) && seed.expose().bytes().all(is_base32);
    let serial = Serial::parse(&sdk.serial_number).ok()?;
    is_seed.then_some(NewDevice { serial, seed })
}

fn enrolled(serial: &str, enabled_at_secs: i64) -> Option<EnrolledDevice> {
    let fits = (9..=MAX_SERIAL_CHARS).contains(&serial.len())
        && serial.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| EnrolledDevice {
        serial: serial.to_owned(),
        makes_codes: Serial::parse(serial).ok(),
        enabled_at: Timestamp::from_unix_secs(enabled_at_secs),
    })
}
