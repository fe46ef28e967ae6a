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
