//! Feeds texts to the readers of the settings that decide where calls go: none may panic, and what is read must be written
//! and read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_aws::{CaBundle, Proxy};
use undercroft_model::{EndpointUrl, Region};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(bundle) = CaBundle::from_pem(bytes) {
        assert!(!bundle.is_empty());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(proxy) = Proxy::parse(text) {
        assert!(!proxy.as_str().contains('@'));
        assert_eq!(Proxy::parse(proxy.as_str()).as_ref(), Ok(&proxy));
    }
    if let Ok(endpoint) = EndpointUrl::parse(text) {
        assert!(!endpoint.as_str().contains(['?', '#']));
        assert_eq!(
            EndpointUrl::parse(endpoint.as_str()).as_ref(),
            Ok(&endpoint)
        );
    }
    if let Ok(region) = Region::parse(text) {
        assert_eq!(Region::parse(region.as_str()).as_ref(), Ok(&region));
    }
});
