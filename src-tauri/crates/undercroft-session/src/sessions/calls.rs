//! Calls that run beside the actor.

use tokio::task::{AbortHandle, JoinHandle};

/// Calls to AWS that run; dropping this cuts them off, and what they hold goes with them.
#[derive(Debug, Default)]
pub(crate) struct Calls(Vec<AbortHandle>);

impl Calls {
    /// Starts a call.
    pub(crate) fn spawn<T: Send + 'static>(
        &mut self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.0.retain(|call| !call.is_finished());
        let call = tokio::spawn(call);
        self.0.push(call.abort_handle());
        call
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        for call in &self.0 {
            call.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn all_that_run_are_cut_off_and_those_that_ended_are_not_kept() {
        let mut calls = Calls::default();
        let running = [calls.spawn(pending::<()>()), calls.spawn(pending())];
        calls.spawn(ready(())).await.unwrap();
        let last = calls.spawn(pending::<()>());
        assert_eq!(calls.0.len(), 3);
        drop(calls);
        for call in running.into_iter().chain([last]) {
            assert!(call.await.unwrap_err().is_cancelled());
        }
    }
}
