//! One call to STS, with everything that changes its result.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use undercroft_aws::{FederationWish, RoleWish, Target};
use undercroft_model::{
    AccessKeyId, DeviceId, DurationSecs, ItemId, PolicyArn, RoleArn, Serial, SessionPolicy,
    SessionTag, TokenSource, ValueId,
};

/// What a call's result depends on: two calls with equal inputs yield the same session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Inputs([u8; 32]);

/// One call to STS on the way to credentials.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// What its result depends on.
    pub(crate) inputs: Inputs,
    /// The inputs of the profile that this call ends, as it stands; others than `inputs` where a wish narrowed it.
    pub(crate) recipe: Inputs,
    /// What is called.
    pub(crate) call: Call,
    /// The account whose endpoint is called, and by whose clock the session ends.
    pub(crate) at: ItemId,
    /// The account in which the credentials act.
    pub(crate) account: ItemId,
    /// Whose long-term key stands at the beginning of the way; nobody's for a web identity.
    pub(crate) identity: Option<ItemId>,
    /// That key.
    pub(crate) key: Option<AccessKeyId>,
    /// The device whose code goes with this call.
    pub(crate) device: Option<DeviceId>,
    /// How long the credentials are asked to last.
    pub(crate) duration: DurationSecs,
    /// The profile that this call ends.
    pub(crate) profile: Option<ItemId>,
}

/// What is called.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// `GetSessionToken`.
    Session,
    /// `AssumeRole`, signed with the long-term key or with the session that another link yields.
    Role {
        by: Option<Inputs>,
        wish: Box<RoleWish>,
    },
    /// `GetFederationToken`.
    Federated { wish: Box<FederationWish> },
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity {
        token: TokenSource,
        wish: Box<RoleWish>,
    },
}

/// What made a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionKind {
    /// `GetSessionToken`.
    Session,
    /// `AssumeRole` with a long-term key.
    Role,
    /// `AssumeRole` with another session.
    ChainedRole,
    /// `GetFederationToken`.
    Federated,
    /// `AssumeRoleWithWebIdentity`.
    WebIdentity,
}

impl SessionKind {
    /// The name of the call in AWS's documentation.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "GetSessionToken",
            Self::Role | Self::ChainedRole => "AssumeRole",
            Self::Federated => "GetFederationToken",
            Self::WebIdentity => "AssumeRoleWithWebIdentity",
        }
    }
}

impl Call {
    pub(crate) fn kind(&self) -> SessionKind {
        match self {
            Self::Session => SessionKind::Session,
            Self::Role { by: None, .. } => SessionKind::Role,
            Self::Role { by: Some(_), .. } => SessionKind::ChainedRole,
            Self::Federated { .. } => SessionKind::Federated,
            Self::WebIdentity { .. } => SessionKind::WebIdentity,
        }
    }

    pub(crate) fn role(&self) -> Option<&RoleArn> {
        match self {
            Self::Role { wish, .. } | Self::WebIdentity { wish, .. } => Some(&wish.role),
            Self::Session | Self::Federated { .. } => None,
        }
    }
}

/// Who calls, and where.
pub(crate) struct Beginning<'a> {
    /// Where the call goes.
    pub(crate) target: &'a Target,
    /// Whose key stands at the beginning of the way.
    pub(crate) identity: Option<ItemId>,
    /// That key, with the id of its sealed secret: another secret has another.
    pub(crate) key: Option<(&'a AccessKeyId, ValueId)>,
    /// The device whose code goes along, with its serial.
    pub(crate) device: Option<(DeviceId, &'a Serial)>,
    /// The duration.
    pub(crate) duration: DurationSecs,
}

impl Inputs {
    /// Takes in everything, each part with its length, so that no two ways read the same.
    pub(crate) fn of(beginning: &Beginning<'_>, call: &Call) -> Self {
        let mut parts = Parts(Sha256::new());
        let Beginning {
            target,
            identity,
            key,
            device,
            duration,
        } = beginning;
        parts.add(target.partition.as_str());
        parts.add(target.region.as_str());
        parts.maybe(target.endpoint.as_ref().map(|endpoint| endpoint.as_str()));
        parts.maybe(identity.map(|identity| identity.to_string()));
        parts.maybe(key.map(|(key, secret)| format!("{key} {secret}")));
        parts.maybe(device.map(|(device, serial)| format!("{device} {serial}")));
        parts.add(duration.as_secs().to_string());
        match call {
            Call::Session => parts.add("session"),
            Call::Role { by, wish } => {
                parts.add("role");
                parts.maybe(by.map(|inputs| inputs.0));
                parts.add_role(wish);
            }
            Call::Federated { wish } => {
                parts.add("federated");
                parts.add(wish.name.as_str());
                parts.add_tags(&wish.tags);
                parts.add_policies(wish.policy.as_ref(), &wish.policy_arns);
            }
            Call::WebIdentity { token, wish } => {
                parts.add("web-identity");
                match token {
                    TokenSource::File { path } => {
                        parts.add("file");
                        parts.add(path);
                    }
                    TokenSource::Command { words } => {
                        parts.add("command");
                        parts.add_all(words.iter());
                    }
                }
                parts.add_role(wish);
            }
        }
        Self(parts.0.finalize().into())
    }

    /// Inputs of a test's own.
    #[cfg(test)]
    pub(crate) fn numbered(number: u32) -> Self {
        Self(Sha256::digest(number.to_be_bytes()).into())
    }
}

struct Parts(Sha256);

impl Parts {
    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    fn maybe(&mut self, part: Option<impl AsRef<[u8]>>) {
        self.0.update([u8::from(part.is_some())]);
        if let Some(part) = part {
            self.add(part);
        }
    }

    /// Takes in a list, with the number of its parts in front.
    fn add_all<P: AsRef<[u8]>>(&mut self, parts: impl ExactSizeIterator<Item = P>) {
        self.0.update((parts.len() as u64).to_be_bytes());
        for part in parts {
            self.add(part);
        }
    }

    fn add_role(&mut self, wish: &RoleWish) {
        self.add(wish.role.as_str());
        self.add(wish.session_name.as_str());
        self.maybe(wish.external_id.as_ref().map(|id| id.as_str()));
        self.maybe(wish.source_identity.as_ref().map(|name| name.as_str()));
        self.add_tags(&wish.tags);
        self.add_policies(wish.policy.as_ref(), &wish.policy_arns);
    }

    fn add_tags(&mut self, tags: &[SessionTag]) {
        self.0.update((tags.len() as u64).to_be_bytes());
        for tag in tags {
            self.add(&tag.key);
            self.add(&tag.value);
            self.0.update([u8::from(tag.transitive)]);
        }
    }

    fn add_policies(&mut self, policy: Option<&SessionPolicy>, arns: &[PolicyArn]) {
        self.maybe(policy.map(|policy| policy.as_str()));
        self.add_all(arns.iter().map(PolicyArn::as_str));
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*, sample::select};
    use undercroft_model::{
        EndpointUrl, ExternalId, FederatedName, Partition, Region, RoleSessionName, SourceIdentity,
    };

    use super::*;

    /// Everything that a call's result depends on, to be compared field by field.
    #[derive(Clone, Debug, PartialEq)]
    struct Asked {
        region: &'static str,
        endpoint: Option<&'static str>,
        identity: Option<u8>,
        key: Option<(&'static str, u8)>,
        device: Option<(u8, &'static str)>,
        duration: u32,
        call: Called,
    }

    #[derive(Clone, Debug, PartialEq)]
    enum Called {
        Session,
        Role(Option<u32>, Wished),
        Federated(Wished),
        WebIdentity(TokenSource, Wished),
    }

    #[derive(Clone, Debug, PartialEq)]
    struct Wished {
        name: &'static str,
        external_id: Option<&'static str>,
        source_identity: Option<&'static str>,
        tags: Vec<SessionTag>,
        policy: Option<&'static str>,
        policy_arns: Vec<&'static str>,
    }

    // Few values of each, which are parts of one another, so that two that differ often nearly read the same.
    fn wished() -> impl Strategy<Value = Wished> {
        let name = || select(vec!["ab", "abc", "bc"]);
        let tag = (
            select(vec!["", "a", "ab"]),
            select(vec!["", "b", "bb"]),
            any::<bool>(),
        );
        let tag = tag.prop_map(|(key, value, transitive)| SessionTag {
            key: key.to_owned(),
            value: value.to_owned(),
            transitive,
        });
        (
            name(),
            option::of(name()),
            option::of(name()),
            vec(tag, 0..3),
            option::of(select(vec!["{}", "{ }"])),
            vec(
                select(vec![
                    "arn:aws:iam::aws:policy/A",
                    "arn:aws:iam::aws:policy/AB",
                ]),
                0..3,
            ),
        )
            .prop_map(
                |(name, external_id, source_identity, tags, policy, policy_arns)| Wished {
                    name,
                    external_id,
                    source_identity,
                    tags,
                    policy,
                    policy_arns,
                },
            )
    }

    fn called() -> impl Strategy<Value = Called> {
        let word = || select(vec!["/a", "/ab", "b", "file"]).prop_map(str::to_owned);
        let token = prop_oneof![
            word().prop_map(|path| TokenSource::File { path }),
            vec(word(), 0..3).prop_map(|words| TokenSource::Command { words }),
        ];
        prop_oneof![
            Just(Called::Session),
            (option::of(0_u32..2), wished()).prop_map(|(by, wish)| Called::Role(by, wish)),
            // A federated user has neither of these.
            wished().prop_map(|wish| Called::Federated(Wished {
                external_id: None,
                source_identity: None,
                ..wish
            })),
            (token, wished()).prop_map(|(token, wish)| Called::WebIdentity(token, wish)),
        ]
    }

    fn asked() -> impl Strategy<Value = Asked> {
        (
            select(vec!["eu-west-1", "eu-west-2"]),
            option::of(select(vec!["http://localhost:1", "http://localhost:12"])),
            option::of(0_u8..2),
            option::of((
                select(vec!["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"]),
                0_u8..2,
            )),
            option::of((
                0_u8..2,
                select(vec![
                    "arn:aws:iam::123456789012:mfa/a",
                    "arn:aws:iam::123456789012:mfa/ab",
                ]),
            )),
            select(vec![900_u32, 9000]),
            called(),
        )
            .prop_map(
                |(region, endpoint, identity, key, device, duration, call)| Asked {
                    region,
                    endpoint,
                    identity,
                    key,
                    device,
                    duration,
                    call,
                },
            )
    }

    /// Two of them that differ in few places or none.
    fn two() -> impl Strategy<Value = (Asked, Asked)> {
        (asked(), asked(), 0_u8..9).prop_map(|(one, other, place)| {
            let mut near = one.clone();
            match place {
                0 => near.region = other.region,
                1 => near.endpoint = other.endpoint,
                2 => near.identity = other.identity,
                3 => near.key = other.key,
                4 => near.device = other.device,
                5 => near.duration = other.duration,
                6 => near.call = other.call,
                7 => near = other,
                _ => {}
            }
            (one, near)
        })
    }

    fn inputs(asked: &Asked) -> Inputs {
        let target = Target {
            partition: Partition::Aws,
            region: Region::parse(asked.region).unwrap(),
            endpoint: asked.endpoint.map(|url| EndpointUrl::parse(url).unwrap()),
            clock_offset_secs: 0,
        };
        let duration = DurationSecs::new(asked.duration).unwrap();
        let role = |wish: &Wished| {
            Box::new(RoleWish {
                role: RoleArn::parse("arn:aws:iam::123456789012:role/deploy").unwrap(),
                session_name: RoleSessionName::parse(wish.name).unwrap(),
                duration,
                external_id: wish.external_id.map(|id| ExternalId::parse(id).unwrap()),
                source_identity: wish
                    .source_identity
                    .map(|name| SourceIdentity::parse(name).unwrap()),
                tags: wish.tags.clone(),
                policy: policy(wish),
                policy_arns: arns(wish),
            })
        };
        let call = match &asked.call {
            Called::Session => Call::Session,
            Called::Role(by, wish) => Call::Role {
                by: by.map(Inputs::numbered),
                wish: role(wish),
            },
            Called::Federated(wish) => Call::Federated {
                wish: Box::new(FederationWish {
                    name: FederatedName::parse(wish.name).unwrap(),
                    duration,
                    policy: policy(wish),
                    policy_arns: arns(wish),
                    tags: wish.tags.clone(),
                }),
            },
            Called::WebIdentity(token, wish) => Call::WebIdentity {
                token: token.clone(),
                wish: role(wish),
            },
        };
        let serial = asked
            .device
            .map(|(device, serial)| (device, Serial::parse(serial).unwrap()));
        let key = asked
            .key
            .map(|(key, secret)| (AccessKeyId::parse(key).unwrap(), secret));
        let beginning = Beginning {
            target: &target,
            identity: asked
                .identity
                .map(|number| ItemId::from_bytes([number; 16])),
            key: key
                .as_ref()
                .map(|(key, secret)| (key, ValueId::from_bytes([*secret; 16]))),
            device: serial
                .as_ref()
                .map(|(device, serial)| (DeviceId::from_bytes([*device; 16]), serial)),
            duration,
        };
        Inputs::of(&beginning, &call)
    }

    fn policy(wish: &Wished) -> Option<SessionPolicy> {
        wish.policy.map(|text| SessionPolicy::parse(text).unwrap())
    }

    fn arns(wish: &Wished) -> Vec<PolicyArn> {
        let arns = wish.policy_arns.iter();
        arns.map(|arn| PolicyArn::parse(arn).unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn inputs_are_equal_exactly_where_all_is_that_a_call_depends_on((one, other) in two()) {
            prop_assert_eq!(inputs(&one) == inputs(&other), one == other);
        }
    }

    #[test]
    fn the_clock_of_an_endpoint_is_no_input() {
        let of = |clock_offset_secs| {
            let target = Target {
                partition: Partition::Aws,
                region: Region::parse("eu-west-1").unwrap(),
                endpoint: None,
                clock_offset_secs,
            };
            let beginning = Beginning {
                target: &target,
                identity: None,
                key: None,
                device: None,
                duration: DurationSecs::new(900).unwrap(),
            };
            Inputs::of(&beginning, &Call::Session)
        };
        assert_eq!(of(0), of(77));
    }
}
