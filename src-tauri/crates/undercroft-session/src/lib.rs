//! The one owner of an unlocked vault: locks itself, hands out codes and caches sessions.
