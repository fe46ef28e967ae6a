//! The encrypted vault: file format, saving, backups and merging.
