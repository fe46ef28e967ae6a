import type { NoticeView, ReunionView } from '$lib/api/client';
import { sentence } from '$lib/api/errors';
import { exactDate } from '$lib/format/date';
import { behindOrAhead, counted } from '$lib/format/duration';

/** A notice in words. */
export interface NoticeWords {
  readonly tone: 'info' | 'warning' | 'danger';
  readonly title: string;
  readonly text: string;
}

/** Says a notice in words. */
export function noticeWords(notice: NoticeView): NoticeWords {
  switch (notice.kind) {
    case 'unsaved':
      return {
        tone: 'danger',
        title: 'Your last change is not saved',
        text: `It is kept in memory until then. ${sentence(notice.error)}`,
      };
    case 'rolled-back':
      return {
        tone: 'danger',
        title: 'This vault is older than the one last seen here',
        text: `Save ${notice.found} was found, save ${notice.seen} was seen before: a backup or a syncing program may have put an old file in its place. Merge it with the backups, keep it as it is if you restored it yourself, or only look at it.`,
      };
    case 'forked':
      return {
        tone: 'danger',
        title: 'This vault has another history than the one last seen here',
        text: 'Two copies were changed apart from each other. Merge it with the backups, keep it as it is, or only look at it.',
      };
    case 'restored':
      return {
        tone: 'warning',
        title: `This is the backup of ${exactDate(notice.saved_at)}`,
        text: restoredText(notice),
      };
    case 'read-only':
      return {
        tone: 'warning',
        title: 'This vault is open for reading only',
        text: notice.place
          ? 'Its folder can’t be written to. Copying and codes work; for changes, allow writing there and unlock again.'
          : 'As you chose. Copying and codes work; lock and unlock it to decide otherwise.',
      };
    case 'clock-off':
      return {
        tone: 'warning',
        title: `This machine’s clock is ${behindOrAhead(notice.offset_secs)} AWS’s`,
        text: `Codes and sessions are made by AWS’s time (${notice.host}), but set the clock soon.`,
      };
    case 'merged':
      return {
        tone: 'info',
        title: 'Changes from elsewhere were merged',
        text:
          notice.conflicts > 0
            ? `${counted(notice.taken, 'item was', 'items were')} taken over; of ${counted(notice.conflicts, 'item', 'items')} changed on both sides the other version is in the history.`
            : `${counted(notice.taken, 'item was', 'items were')} taken over.`,
      };
    case 'strengthened':
      return {
        tone: 'info',
        title: 'The vault is better protected now',
        text: 'The work to guess its password was raised to today’s measure.',
      };
    case 'state-reset':
      return {
        tone: 'warning',
        title: 'This machine’s notes were begun anew',
        text: 'Which codes were used and which sessions were live is forgotten. Wait for a fresh code before the next session.',
      };
    case 'half-made-device':
      return {
        tone: 'warning',
        title: `The MFA device ${notice.name} is not finished`,
        text: 'Its making at AWS was interrupted. Open its user: it can be finished or removed there.',
      };
    case 'bin-emptied':
      return {
        tone: 'info',
        title: 'The bin let go of old items',
        text: `${counted(notice.items, 'item', 'items')} had rested there for 30 days.`,
      };
  }
}

function restoredText(notice: Extract<NoticeView, { kind: 'restored' }>): string {
  const missing =
    notice.last_save_at === null
      ? 'Whatever was changed after that is missing.'
      : `${counted(notice.missing_saves, 'save that came after it is', 'saves that came after it are')} missing, the last of ${exactDate(notice.last_save_at)}: look over what you changed then.`;
  const passedOver =
    notice.passed_over > 0
      ? ` ${counted(notice.passed_over, 'newer backup was', 'newer backups were')} damaged, too.`
      : '';
  return `${missing}${passedOver} A file that was there is kept among the backups.`;
}

/** Says what merging with the backups brought back, and what it could not. */
export function reunionWords(reunion: ReunionView): string {
  const taken =
    reunion.taken > 0
      ? `${counted(reunion.taken, 'item was', 'items were')} brought back from the backups.`
      : 'The backups have nothing that the vault has not.';
  const conflicts =
    reunion.conflicts > 0
      ? ` Of ${counted(reunion.conflicts, 'item', 'items')} the other version is in the history.`
      : '';
  const unreadable =
    reunion.unreadable > 0 ? ` ${counted(reunion.unreadable, 'backup', 'backups')} could not be read.` : '';
  const missing = reunion.complete ? '' : ' The very last save is in no backup: look over what you changed last.';
  return taken + conflicts + unreadable + missing;
}

const URGENCY = { danger: 0, warning: 1, info: 2 };

/** The notices with their places in the backend's list, the most urgent first. */
export function byUrgency(notices: readonly NoticeView[]): { notice: NoticeView; index: number }[] {
  return notices
    .map((notice, index) => ({ notice, index }))
    .sort((a, b) => URGENCY[noticeWords(a.notice).tone] - URGENCY[noticeWords(b.notice).tone]);
}
