//! Redacted, wiped types for secrets.
