//! Custom endpoints: LocalStack, VPC endpoints and the like.

use url::{Host, Url};

use crate::text::{codes, text_type};

text_type! {
    /// The address of a custom endpoint, without a trailing slash.
    ///
    /// Plain `http` is taken only for hosts of this machine or a private network, since codes and credentials
    /// would cross in the clear.
    EndpointUrl, EndpointUrlError, "the address of an endpoint"
}

/// Why a text is not the address of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointUrlError {
    /// Not an address at all, or one without a host.
    #[error("an endpoint's address looks like https://sts.example.com or http://localhost:4566")]
    Shape,
    /// Neither `https` nor `http`.
    #[error("an endpoint's address begins with https:// (or http:// on this machine)")]
    Scheme,
    /// A user name or password within the address.
    #[error(
        "an endpoint's address has no user name or password in it; it looks like https://sts.example.com"
    )]
    Credentials,
    /// A query or a fragment.
    #[error("an endpoint's address has no ? or # in it; it looks like https://sts.example.com")]
    Query,
    /// Plain `http` to a host that is not private.
    #[error(
        "plain http is allowed only for this machine and private networks, like http://localhost:4566; use https"
    )]
    PlainHttp,
    /// More than 512 characters.
    #[error("an endpoint's address has at most 512 characters; this has {found}")]
    TooLong {
        /// How many characters were found.
        found: usize,
    },
}

codes!(EndpointUrlError {
    Shape => "endpoint-shape",
    Scheme => "endpoint-scheme",
    Credentials => "endpoint-credentials",
    Query => "endpoint-query",
    PlainHttp => "endpoint-plain-http",
    TooLong { .. } => "endpoint-too-long",
});

impl EndpointUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is not `https`, nor `http` to a private host, or has more than a host, a port and a path.
    pub fn parse(text: &str) -> Result<Self, EndpointUrlError> {
        let text = text.trim();
        let found = text.chars().count();
        if found > 512 {
            return Err(EndpointUrlError::TooLong { found });
        }
        let url = Url::parse(text).map_err(|_| EndpointUrlError::Shape)?;
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            // "localhost:4566" reads as a scheme and a path.
            _ if !text.contains("://") => return Err(EndpointUrlError::Shape),
            _ => return Err(EndpointUrlError::Scheme),
        };
        let host = url.host().ok_or(EndpointUrlError::Shape)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointUrlError::Query);
        }
        if is_plain && !is_private(&host) {
            return Err(EndpointUrlError::PlainHttp);
        }
        // Escapes take more room than what they stand for, and what is kept must be read again.
        let kept = url.as_str().trim_end_matches('/');
        let found = kept.chars().count();
        if found > 512 {
            return Err(EndpointUrlError::TooLong { found });
        }
        Ok(Self(kept.into()))
    }

    /// Tells whether what is sent there crosses the network unencrypted.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.as_str().starts_with("http://")
    }

    /// The host, with the port where one is named.
    #[must_use]
    pub fn authority(&self) -> &str {
        let rest = self.as_str().split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }
}

/// Tells whether a host is this machine or in a private network, as far as its name or address can tell.
fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        Host::Ipv6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address
                    .to_ipv4_mapped()
                    .is_some_and(|mapped| mapped.is_loopback() || mapped.is_private())
        }
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let private_zones = [
                ".localhost",
                ".local",
                ".internal",
                ".lan",
                ".home.arpa",
                ".test",
            ];
            !name.contains('.') || private_zones.iter().any(|zone| name.ends_with(zone))
        }
    }
}
