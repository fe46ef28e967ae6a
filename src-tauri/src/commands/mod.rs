//! What the windows can ask. Each command parses its arguments, asks the session, and returns a view.
//!
//! Which window may call which is in `list.rs`; which need an unlocked vault, the session knows.

mod accounts;
mod activity;
mod approvals;
mod archive;
mod bin;
mod both;
mod console;
mod desktop;
mod enrol;
pub(crate) mod files;
mod identities;
#[cfg(test)]
pub(crate) mod list;
mod network;
mod password;
mod profiles;
mod quick;
pub(crate) mod scan;
mod sessions;
mod transfer;
mod vault;

use tauri_specta::{Builder, collect_commands, collect_events};

use crate::Rt;
use crate::view::{
    ApprovalsChanged, Changed, ClipboardCleared, Dragging, Permitted, QuickShown, ShowItem,
    SignInMoved,
};

/// Every command and event, as Tauri dispatches them and as the TypeScript bindings are generated from them.
pub(crate) fn builder() -> Builder<Rt> {
    Builder::<Rt>::new()
        .disable_serde_phases()
        .commands(collect_commands![
            both::sealing_key,
            both::touch,
            password::password_window,
            password::assess_password,
            password::choose_vault_file,
            password::choose_new_vault_file,
            password::open_vault,
            password::create_vault,
            password::save_recovery_kit,
            password::unlock,
            password::unlock_quickly,
            password::unlock_with_recovery_key,
            password::take_over,
            password::change_password,
            password::confirm_password,
            password::finish_password,
            password::cancel_password,
            password::locked_backups,
            password::restore_and_unlock,
            password::restore_newest_and_unlock,
            password::restore_newest_with_recovery_key,
            accounts::overview,
            accounts::accounts,
            accounts::account,
            accounts::search,
            accounts::save_account,
            accounts::set_favourite,
            accounts::save_custom_secret,
            accounts::remove_custom_secret,
            identities::identity,
            identities::save_identity,
            identities::set_password,
            identities::remove_password,
            identities::generate_password,
            identities::preview_seed,
            identities::save_device,
            identities::remove_device,
            identities::codes,
            enrol::begin_enrolment,
            enrol::continue_enrolment,
            enrol::finish_without_proof,
            enrol::remove_unfinished,
            enrol::forget_unfinished,
            enrol::devices_at_aws,
            enrol::resync_device,
            enrol::remove_device_at_aws,
            enrol::remove_left_over_device,
            identities::save_access_key,
            identities::remove_access_key,
            identities::copy,
            identities::reveal,
            identities::open_sign_in,
            scan::scan_ways,
            scan::scan_screen,
            scan::scan_region,
            scan::scan_clipboard,
            scan::scan_file,
            scan::scan_dropped,
            scan::scan_camera,
            scan::stop_camera,
            scan::end_scan,
            scan::save_scanned_device,
            scan::copy_enrolment_code,
            sessions::check_access_key,
            sessions::get_session,
            sessions::sessions,
            sessions::renew_session,
            sessions::forget_session,
            profiles::profiles,
            profiles::profile,
            profiles::save_profile,
            profiles::profile_way,
            profiles::get_profile_session,
            console::open_console,
            console::copy_console_address,
            approvals::approval_requests,
            approvals::answer_approval,
            approvals::approval_settings,
            approvals::set_approval,
            approvals::remove_approval_rule,
            activity::activity,
            activity::export_activity,
            bin::bin_item,
            bin::restore_item,
            bin::delete_item,
            bin::empty_bin,
            bin::bin,
            bin::history,
            bin::restore_history,
            vault::save_settings,
            vault::switch_off_quick_unlock,
            vault::vault_details,
            vault::backups,
            vault::check_vault,
            vault::move_vault,
            vault::move_vault_to,
            network::network,
            network::set_proxy,
            network::choose_ca_bundle,
            network::remove_ca_bundle,
            transfer::choose_import_files,
            transfer::open_import,
            transfer::apply_import,
            transfer::cancel_import,
            files::aws_files,
            files::preview_files,
            files::take_over_files,
            files::take_out_plain_secrets,
            transfer::show_qr,
            transfer::export_devices,
            archive::export_all,
            archive::choose_archive,
            archive::open_archive,
            archive::apply_archive,
            vault::merge_backups,
            vault::open_read_only,
            vault::retry_save,
            vault::dismiss_notice,
            vault::ask_password,
            vault::lock,
            quick::quick_window,
            quick::quick_list,
            quick::quick_copy,
            quick::quick_copy_profile,
            quick::show_item,
            quick::take_shown_item,
            quick::begin_sign_in,
            quick::take_sign_in_step,
            quick::end_sign_in,
            quick::show_quick,
            quick::hide_quick,
            desktop::desktop,
            desktop::set_shortcut,
            desktop::set_starts_at_login,
            desktop::set_browser,
            desktop::pinned,
            desktop::order_pinned,
        ])
        .events(collect_events![
            ApprovalsChanged,
            Changed,
            ClipboardCleared,
            Dragging,
            Permitted,
            QuickShown,
            SignInMoved,
            ShowItem
        ])
}
