import type { IdentityKindView, IdentityRow } from '$lib/api/client';
import { counted } from '$lib/format/duration';

/** What a kind of identity is called. */
export function kindName(kind: IdentityKindView): string {
  return kind === 'root' ? 'Root user' : 'IAM user';
}

/** What an identity's row is called by screen readers. */
export function identityName(identity: IdentityRow): string {
  return [
    identity.name,
    kindName(identity.kind),
    identity.has_password ? 'password' : '',
    identity.devices > 0 ? counted(identity.devices, 'MFA device', 'MFA devices') : '',
    identity.keys > 0 ? counted(identity.keys, 'access key', 'access keys') : '',
    identity.favourite ? 'favourite' : '',
    identity.live ? 'session live' : '',
  ]
    .filter(Boolean)
    .join(', ');
}
