//! What an AWS label says about the device, its account and its user.
//!
//! Forms in use:
//!
//! | label | from |
//! |---|---|
//! | `Amazon Web Services:DEVICE@ALIAS`, or the account id in place of the alias | IAM, today |
//! | `root-account-mfa-device@123456789012`, `DEVICE@ALIAS`, without an issuer | IAM, before |
//! | `arn:aws:iam::123456789012:mfa/DEVICE`, with or without an issuer | scripts, other programs |
//! | `AWS SSO:USER`, `AWS Builder ID:EMAIL` | IAM Identity Center, AWS Builder ID |
//!
//! Source: IAM's `VirtualMFADevice` (`QRCodePNG`), and labels seen in the wild. All of it is a proposal that
//! the person confirms: a label is only text.

use undercroft_model::{AccountAlias, AccountId, Arn, Partition, Serial, SerialError, UserName};

use crate::OtpAuth;

/// The seeds of IAM have 64 Base32 characters.
const IAM_SEED_BITS: usize = 320;

/// An AWS label, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsLabel {
    /// Which sign-in of AWS the device belongs to.
    pub service: AwsService,
    /// The device's name, with its path if it has one; the whole name where it cannot be split.
    pub device_name: String,
    /// The IAM user, guessed from the device's name: consoles used to name the device after its user.
    pub user_name: Option<UserName>,
    /// The account, as far as the label names it.
    pub account: Option<AccountRef>,
    /// The partition; only ARNs name one.
    pub partition: Option<Partition>,
    /// Whether the device's name is the one that AWS gives to the root user's.
    pub root: bool,
}

/// How a label names its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRef {
    /// By its id.
    Id(AccountId),
    /// By its alias.
    Alias(AccountAlias),
}

/// A sign-in of AWS that takes codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AwsService {
    /// IAM users and root users: the device has a serial, and STS takes its codes.
    Iam,
    /// IAM Identity Center, once AWS SSO; older devices of AWS Builder ID are labelled so too.
    IdentityCenter,
    /// AWS Builder ID.
    BuilderId,
}

impl AwsService {
    /// Tells whether STS takes the device's codes.
    ///
    /// The devices of Identity Center and Builder ID have no serial; their codes sign in to a web page only.
    #[must_use]
    pub const fn works_with_sts(self) -> bool {
        matches!(self, Self::Iam)
    }
}

impl AwsLabel {
    /// Recognises the label of an AWS device; `None` for everybody else's.
    #[must_use]
    pub fn from(uri: &OtpAuth) -> Option<Self> {
        if let Some(label) = Self::from_arn(&uri.name) {
            return Some(label);
        }
        let service = [&uri.issuer, &uri.issuer_in_label]
            .into_iter()
            .flatten()
            .find_map(|issuer| service_of(issuer));
        match service {
            Some(AwsService::Iam) => Some(Self::from_name(&uri.name)),
            Some(service @ (AwsService::IdentityCenter | AwsService::BuilderId)) => Some(Self {
                service,
                device_name: uri.name.clone(),
                user_name: None,
                account: None,
                partition: None,
                root: false,
            }),
            None => {
                let label = Self::from_name(&uri.name);
                let named_by_aws = label.root
                    || uri.issuer.is_none()
                        && match label.account {
                            Some(AccountRef::Id(_)) => true,
                            Some(AccountRef::Alias(_)) => uri.seed.bits() == IAM_SEED_BITS,
                            None => false,
                        };
                named_by_aws.then_some(label)
            }
        }
    }

    /// Reads `DEVICE@ACCOUNT`; device names may have `@` themselves, accounts may not.
    fn from_name(name: &str) -> Self {
        let split = name
            .rsplit_once('@')
            .and_then(|(device, account)| Some((device.trim(), account_ref(account)?)));
        let (device_name, account) = match split {
            Some((device, account)) if !device.is_empty() => (device, Some(account)),
            Some(_) | None => (name, None),
        };
        Self::of_iam_device(device_name, account, None)
    }

    /// Reads the ARN of a device, of a user or of a root user.
    fn from_arn(name: &str) -> Option<Self> {
        let arn = Arn::parse(name).ok().filter(|arn| arn.service() == "iam")?;
        let account = Some(AccountRef::Id(arn.account()?.clone()));
        let partition = Some(arn.partition());
        if arn.resource() == "root" {
            return Some(Self::of_iam_device(
                Serial::ROOT_DEVICE_NAME,
                account,
                partition,
            ));
        }
        let (kind, device_name) = arn.resource().split_once('/')?;
        let device_name = if kind == "user" {
            last_of_path(device_name)
        } else {
            device_name
        };
        matches!(kind, "mfa" | "user").then(|| Self::of_iam_device(device_name, account, partition))
    }

    fn of_iam_device(
        device_name: &str,
        account: Option<AccountRef>,
        partition: Option<Partition>,
    ) -> Self {
        let root = device_name.starts_with(Serial::ROOT_DEVICE_NAME);
        let user_name = UserName::parse(last_of_path(device_name))
            .ok()
            .filter(|_| !root);
        Self {
            service: AwsService::Iam,
            device_name: device_name.to_owned(),
            user_name,
            account,
            partition,
            root,
        }
    }
}

/// Derives the serial of a virtual device: `arn:PARTITION:iam::ACCOUNT:mfa/NAME`.
///
/// # Errors
///
/// When no device can have that name.
pub fn serial_for(
    partition: Partition,
    account: &AccountId,
    device_name: &str,
) -> Result<Serial, SerialError> {
    Serial::of_virtual_device(partition, account, device_name)
}

fn account_ref(text: &str) -> Option<AccountRef> {
    let id = AccountId::parse(text).ok().map(AccountRef::Id);
    id.or_else(|| {
        AccountAlias::parse(&text.to_ascii_lowercase())
            .ok()
            .map(AccountRef::Alias)
    })
}

fn last_of_path(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Recognises AWS's own issuers; "Amazon" alone is the shop, "AWSCognito" somebody's application.
fn service_of(issuer: &str) -> Option<AwsService> {
    let issuer = issuer
        .split_whitespace()
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join(" ");
    let starts_with_any = |starts: &[&str]| starts.iter().any(|start| issuer.starts_with(start));
    if issuer.contains("identity center") || starts_with_any(&["aws sso", "aws single sign-on"]) {
        Some(AwsService::IdentityCenter)
    } else if starts_with_any(&["aws builder id", "awsbuilderid"]) {
        Some(AwsService::BuilderId)
    } else if starts_with_any(&["amazon web services", "aws iam", "aws console"]) || issuer == "aws"
    {
        Some(AwsService::Iam)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use undercroft_secret::SecretString;

    use super::*;

    fn label(name: &str) -> AwsLabel {
        AwsLabel::from_name(name)
    }

    #[test]
    fn a_device_name_may_have_an_at_sign() {
        let label = label("jane@work@acme-prod");
        assert_eq!(label.device_name, "jane@work");
        assert_eq!(
            label.account,
            Some(AccountRef::Alias(AccountAlias::parse("acme-prod").unwrap()))
        );
    }

    #[test]
    fn issuers_of_aws_are_known_by_their_beginning() {
        use AwsService::{BuilderId, Iam, IdentityCenter};
        for (issuer, service) in [
            ("Amazon Web Services", Some(Iam)),
            ("Amazon Web Services (prod)", Some(Iam)),
            ("amazon\u{a0}web  SERVICES", Some(Iam)),
            ("AWS", Some(Iam)),
            (" aws ", Some(Iam)),
            ("AWS IAM", Some(Iam)),
            ("AWS Console", Some(Iam)),
            ("AWS SSO", Some(IdentityCenter)),
            ("AWS Single Sign-On", Some(IdentityCenter)),
            ("AWS IAM Identity Center", Some(IdentityCenter)),
            ("Acme Identity Center", Some(IdentityCenter)),
            ("AWS Builder ID", Some(BuilderId)),
            ("AWSBuilderID", Some(BuilderId)),
            ("Amazon", None),
            ("Amazon Web", None),
            ("My Amazon Web Services", None),
            ("AWSCognito", None),
            ("AWS Cognito", None),
            ("My AWS", None),
            ("My AWS SSO", None),
            ("My AWS Builder ID", None),
            ("", None),
        ] {
            assert_eq!(service_of(issuer), service, "{issuer}");
        }
        for service in [Iam, IdentityCenter, BuilderId] {
            assert_eq!(service.works_with_sts(), service == Iam);
        }
    }

    #[test]
    fn arns_of_devices_users_and_root_users_are_read() {
        let read = |arn: &str| {
            let label = AwsLabel::from_arn(arn)?;
            let Some(AccountRef::Id(account)) = label.account else {
                panic!("{arn} names its account");
            };
            assert_eq!(account.as_str(), "123456789012");
            assert_eq!(label.service, AwsService::Iam);
            let user = label.user_name.map(|user| user.as_str().to_owned());
            Some((label.device_name, user, label.partition?, label.root))
        };
        let of = |device: &str, user: &str, partition| {
            Some((device.to_owned(), Some(user.to_owned()), partition, false))
        };
        let root = Some((
            "root-account-mfa-device".to_owned(),
            None,
            Partition::Aws,
            true,
        ));
        for (arn, wanted) in [
            (
                "arn:aws:iam::123456789012:mfa/phone",
                of("phone", "phone", Partition::Aws),
            ),
            (
                "arn:aws-cn:iam::123456789012:mfa/team/phone",
                of("team/phone", "phone", Partition::AwsCn),
            ),
            (
                "arn:aws:iam::123456789012:user/jane",
                of("jane", "jane", Partition::Aws),
            ),
            (
                "arn:aws:iam::123456789012:user/team/jane",
                of("jane", "jane", Partition::Aws),
            ),
            ("arn:aws:iam::123456789012:root", root.clone()),
            (
                "arn:aws:iam::123456789012:mfa/root-account-mfa-device",
                root,
            ),
            ("arn:aws:iam::123456789012:role/jane", None),
            ("arn:aws:iam::123456789012:group/jane", None),
            ("arn:aws:iam::123456789012:user", None),
            ("arn:aws:iam::123456789012:mfa", None),
            ("arn:aws:iam::123456789012:rooted", None),
            ("arn:aws:sts::123456789012:user/jane", None),
            ("arn:aws:s3:::bucket/mfa", None),
            ("jane", None),
        ] {
            assert_eq!(read(arn), wanted, "{arn}");
        }
    }

    #[test]
    fn a_name_without_a_device_stays_whole() {
        for name in ["@123456789012", " @acme", "jane@", "jane", "@"] {
            let label = label(name);
            assert_eq!((label.device_name.as_str(), label.account), (name, None));
        }
        let spaced = label("phone @123456789012");
        assert_eq!(spaced.device_name, "phone");
        assert!(matches!(spaced.account, Some(AccountRef::Id(_))));
    }

    #[test]
    fn without_an_issuer_the_account_tells() {
        const IAM: &str = "GQMWATC3JYIGQBZRDPT7JEVWVDZQISEOXZXUP42552H6VRJTIXM3YLHI37J3YW6N";
        let is_aws = |label: &str, seed: &str| {
            let uri = format!("otpauth://totp/{label}?secret={seed}");
            let uri = OtpAuth::parse(&SecretString::new(uri)).unwrap();
            AwsLabel::from(&uri).is_some()
        };
        let short = &IAM[..62];
        for (label, of_iam_length, of_another) in [
            ("phone@123456789012", true, true),
            ("phone@acme", true, false),
            ("phone", false, false),
            ("jane@example.com", false, false),
            ("root-account-mfa-device", true, true),
            ("Acme:root-account-mfa-device", true, true),
            ("Acme:phone@123456789012", false, false),
            ("Acme:phone@acme", false, false),
            ("Acme:arn:aws:iam::123456789012:mfa/phone", true, true),
        ] {
            assert_eq!(is_aws(label, IAM), of_iam_length, "{label}");
            assert_eq!(is_aws(label, short), of_another, "{label}");
        }
    }

    #[test]
    fn an_email_address_names_no_account() {
        let label = label("jane@example.com");
        assert_eq!(label.device_name, "jane@example.com");
        assert_eq!(label.account, None);
    }

    #[test]
    fn the_serial_is_the_arn_of_the_device() {
        let account = AccountId::parse("123456789012").unwrap();
        let serial = |name| serial_for(Partition::AwsCn, &account, name);
        assert_eq!(
            serial("phone").unwrap().as_str(),
            "arn:aws-cn:iam::123456789012:mfa/phone"
        );
        assert!(serial("my phone").is_err());
        assert!(serial("").is_err());
    }

    proptest! {
        #[test]
        fn no_label_panics(name in "\\PC{0,40}", issuer in prop::option::of("\\PC{0,20}")) {
            let issuer = issuer.map(|issuer| format!("&issuer={issuer}")).unwrap_or_default();
            let uri = format!("otpauth://totp/{name}?secret=GEZDGNBVGY3TQOJQ{issuer}");
            if let Ok(uri) = OtpAuth::parse(&SecretString::new(uri)) {
                let _ = AwsLabel::from(&uri);
            }
        }

        #[test]
        fn device_and_account_come_apart(
            device in "[A-Za-z0-9_+=,.@-]{1,64}",
            account in "[0-9]{12}|[a-z][a-z0-9]{2,20}",
        ) {
            let label = label(&format!("{device}@{account}"));
            prop_assert_eq!(&label.device_name, &device);
            prop_assert!(label.account.is_some());
        }
    }
}
