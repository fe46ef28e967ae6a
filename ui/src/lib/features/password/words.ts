/** What failures are called in the password window, where it differs from what an open vault says of them. */
import type { UiError } from '$lib/api/client';
import { words } from '$lib/api/errors';
import type { Words } from '$lib/api/errors';
import { counted } from '$lib/format/duration';

/** What a password is asked for. */
export type Asked = 'unlock' | 'again' | 'backup';

const WRONG: Record<Asked, string> = {
  unlock: 'That password does not open the vault. Check caps lock and the keyboard layout, or use the recovery key.',
  again: 'That is not the master password. Check caps lock and the keyboard layout.',
  backup: 'That password does not open this backup. Type the one that was in use when it was made.',
};

const PAUSE = 'After several wrong tries there is a short wait.';

/** What is wrong with a typed password or recovery key, for beside its field; nothing where it is something else. */
export function wrongSecret(problem: UiError | null, asked: Asked): string | undefined {
  switch (problem?.code) {
    case 'wrong-password':
      return problem.wait_secs > 0 ? `${WRONG[asked]} ${PAUSE}` : WRONG[asked];
    case 'wrong-recovery-key': {
      const text = 'This recovery key does not open the vault. It belongs to another one, or a newer kit replaced it.';
      return problem.wait_secs > 0 ? `${text} ${PAUSE}` : text;
    }
    case 'mistyped-recovery-key':
      return 'The recovery key has a typing error. Compare it group by group with the kit.';
    default:
      return undefined;
  }
}

/** Whether an agent has the vault, which it hands over when asked. */
export function heldByAgent(problem: UiError | null): boolean {
  return problem?.code === 'in-use' && problem.agent;
}

/** Why nothing can be written at a chosen place; nothing where the place is not to blame. */
export function wrongPlace(problem: UiError | null): Words | null {
  if (problem === null) return null;
  switch (problem.code) {
    case 'already-exists':
      return { title: 'A file is there already', advice: `${problem.path} is not overwritten. Choose another name.` };
    case 'read-only':
      return { title: 'Nothing can be written there', advice: `${problem.path} is read-only. Choose another place.` };
    case 'disk-full':
      return {
        title: 'The disk or your quota is full',
        advice: `There is no room for ${problem.path}. Free some, or choose another place.`,
      };
    case 'folder-missing':
    case 'no-permission':
    case 'disk':
      return words(problem);
    default:
      return null;
  }
}

/** Why the vault does not open now. Its path stands above already. */
export function notOpening(problem: UiError): Words {
  switch (problem.code) {
    case 'damaged':
      return {
        title: 'The vault file is damaged',
        advice: `Its content is not what was saved. ${atHand(problem.backups)}`,
      };
    case 'vault-missing':
      return {
        title: 'The vault file is not there',
        advice: `If it is on a drive or in a synced folder, connect that and look again. ${atHand(problem.backups)}`,
      };
    case 'not-a-vault':
      return {
        title: 'This file is not a vault',
        advice: 'Something else has been written in its place. Restore a backup, or open another vault.',
      };
    case 'read-only':
    case 'disk-full':
      return {
        title: 'The vault can’t be opened for writing',
        advice: `An open vault has a lock file beside it, and ${problem.path} ${problem.code === 'read-only' ? 'is read-only' : 'has no room left'}. Mend that and try again, or open a copy elsewhere.`,
      };
    default:
      return words(problem);
  }
}

function atHand(backups: number): string {
  return backups > 0
    ? `${counted(backups, 'backup is', 'backups are')} at hand.`
    : 'There is no backup beside it; look for a copy elsewhere.';
}

/** Why the vault's keys were not changed. */
export function notChanged(problem: UiError): Words {
  switch (problem.code) {
    case 'read-only':
      return {
        title: 'The vault could not be saved',
        advice: `${problem.path} is read-only. Nothing was changed: allow writing and try again.`,
      };
    case 'disk-full':
      return {
        title: 'The vault could not be saved',
        advice: `There is no room for ${problem.path}. Nothing was changed: free some and try again.`,
      };
    default:
      return words(problem);
  }
}
