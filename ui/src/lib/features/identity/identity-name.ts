import type { IdentityKindView } from '$lib/api/client';

/** What a kind of identity is called. */
export function kindName(kind: IdentityKindView): string {
  return kind === 'root' ? 'Root user' : 'IAM user';
}
