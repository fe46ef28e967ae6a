//! MFA devices at AWS as views.

use undercroft_session as session;

use super::answers::date;
use crate::view::enrol::{
    ComparisonView, DeviceAtAwsView, EnrolmentStepView, HalfMadeStage, HalfMadeView, OnlyHereView,
};

impl From<session::EnrolmentStep> for EnrolmentStepView {
    fn from(step: session::EnrolmentStep) -> Self {
        match step {
            session::EnrolmentStep::Created => Self::Created,
            session::EnrolmentStep::Wait { secs, enabled } => Self::Wait { secs, enabled },
            session::EnrolmentStep::Enabled => Self::Enabled,
            session::EnrolmentStep::Done { device } => Self::Done {
                device: device.to_string(),
            },
        }
    }
}

impl From<session::HalfMadeDevice> for HalfMadeView {
    fn from(left: session::HalfMadeDevice) -> Self {
        Self {
            name: left.name,
            device: left.device.map(|device| device.to_string()),
            stage: match left.stage {
                session::HalfMade::Intent => HalfMadeStage::Intent,
                session::HalfMade::Created => HalfMadeStage::Created,
                session::HalfMade::Enabled => HalfMadeStage::Enabled,
            },
        }
    }
}

impl From<session::Comparison> for ComparisonView {
    fn from(compared: session::Comparison) -> Self {
        let (left_over, left_over_problem) = match compared.left_over {
            Ok(serials) => (serials, None),
            Err(error) => (Vec::new(), Some(error.into())),
        };
        Self {
            at_aws: compared.at_aws.into_iter().map(Into::into).collect(),
            only_here: compared.only_here.into_iter().map(Into::into).collect(),
            left_over: left_over.iter().map(ToString::to_string).collect(),
            left_over_problem,
        }
    }
}

impl From<session::OnlyHere> for OnlyHereView {
    fn from(device: session::OnlyHere) -> Self {
        Self {
            id: device.device.to_string(),
            name: device.name,
            serial: device.serial.map(|serial| serial.to_string()),
        }
    }
}

impl From<session::DeviceAtAws> for DeviceAtAwsView {
    fn from(device: session::DeviceAtAws) -> Self {
        Self {
            serial: device.serial,
            makes_codes: device.makes_codes,
            enabled_at: date(device.enabled_at),
            filed_as: device.filed_as.map(|id| id.to_string()),
        }
    }
}
