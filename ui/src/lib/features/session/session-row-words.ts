import type { SessionView } from '$lib/api/client';
import { roleName } from '$lib/features/profile/profile-words';

/** Who a session is: its profile, else whose key made it. */
export function holder(session: SessionView): string {
  return session.profile_name ?? session.identity_name ?? 'web identity';
}

/** What it acts as and how it was made, in a few words. */
export function facts(session: SessionView, whose: boolean): string {
  const made = session.kind === 'federated' ? 'federated user' : session.kind === 'chained-role' ? 'chained' : '';
  const mfa = session.device ? 'with MFA' : session.kind === 'session' || session.kind === 'role' ? 'without MFA' : '';
  const parts = [whose ? holder(session) : '', session.role ? roleName(session.role) : '', made, mfa, session.region];
  return parts.filter(Boolean).join(' · ');
}
