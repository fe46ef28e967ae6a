//! Asks STS who it is, with AWS's SDK for Rust and nothing but its default chain; prints the access key id and the answer.

use std::process::ExitCode;

use aws_config::BehaviorVersion;
use aws_sdk_sts::{
    config::ProvideCredentials,
    error::{BoxError, DisplayErrorContext},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match who().await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", DisplayErrorContext(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn who() -> Result<String, BoxError> {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await;
    let provider = config
        .credentials_provider()
        .ok_or("the chain has no provider")?;
    let credentials = provider.provide_credentials().await?;
    let caller = aws_sdk_sts::Client::new(&config)
        .get_caller_identity()
        .send()
        .await?;
    Ok(format!(
        "{} {}",
        credentials.access_key_id(),
        caller.arn().unwrap_or_default()
    ))
}
