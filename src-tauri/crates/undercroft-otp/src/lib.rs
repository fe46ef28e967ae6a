//! MFA seeds, codes and otpauth URIs.
