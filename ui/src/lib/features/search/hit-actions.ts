import type { HitProfileView, SearchHit } from '$lib/api/client';
import { hasSessions, opensConsole } from '$lib/features/profile/profile-words';

/** What can be done with a hit. */
export type HitAction = 'code' | 'password' | 'console' | 'steps' | 'session' | 'open';

/** The actions in the order in which they are offered, with their keys. */
export const HIT_ACTIONS: readonly { readonly action: HitAction; readonly label: string; readonly keys: string }[] = [
  { action: 'code', label: 'Code', keys: 'Enter' },
  { action: 'password', label: 'Password', keys: 'Shift+Enter' },
  { action: 'console', label: 'Console', keys: 'Ctrl+Enter' },
  { action: 'steps', label: 'Steps', keys: 'Ctrl+I' },
  { action: 'session', label: 'Session', keys: 'Alt+Enter' },
  { action: 'open', label: 'Open', keys: 'Ctrl+O' },
];

/** What a key press asks for; nothing where it is for the field. */
export function hitActionOf(event: KeyboardEvent): HitAction | null {
  const command = event.ctrlKey || event.metaKey;
  if (event.key === 'Enter') {
    if (event.altKey) return 'session';
    if (command) return 'console';
    return event.shiftKey ? 'password' : 'code';
  }
  if (!command || event.altKey || event.shiftKey) return null;
  const key = event.key.toLowerCase();
  if (key === 'o') return 'open';
  return key === 'i' ? 'steps' : null;
}

/** What Enter does with a hit: copies the code where there is one, or a profile's session, else opens it. */
export function mainActionOf(hit: SearchHit): HitAction {
  if (hit.profile && hasSessions(hit.profile.kind)) return 'session';
  return hit.identity && hit.device ? 'code' : 'open';
}

/** The name of the identity, profile or account that was found. */
export function nameOf(hit: SearchHit): string {
  return hit.identity?.name ?? hit.profile?.name ?? hit.account.name;
}

/** Why an action can't be done with a hit; nothing where it can. */
export function lackOf(hit: SearchHit, action: HitAction): string | null {
  if (action === 'open') return null;
  if (hit.profile) return lackOfProfile(hit.profile, action);
  if (!hit.identity) return 'This is an account: choose one of its identities for that.';
  const { name } = hit.identity;
  switch (action) {
    case 'code':
      return hit.device ? null : `No MFA device is kept for ${name}.`;
    case 'password':
      return hit.identity.has_password ? null : `No password is kept for ${name}.`;
    case 'session':
      return hit.identity.keys > 0 ? null : `${name} has no access key to make a session from.`;
    case 'console':
    case 'steps':
      return null;
  }
}

function lackOfProfile({ name, kind }: HitProfileView, action: HitAction): string | null {
  switch (action) {
    case 'session':
      return hasSessions(kind) ? null : `${name} has no session to copy.`;
    case 'console':
      return opensConsole(kind) ? null : `AWS’s console takes roles and federated users, and ${name} is neither.`;
    default:
      return `${name} is a profile: choose the identity behind it for that.`;
  }
}
