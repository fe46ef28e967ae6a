import type { WayLimitView, WayStepView } from '$lib/api/client';
import { duration } from '$lib/format/duration';

/** What a kind of profile is called. */
export function kindName(kind: string): string {
  return KINDS.find((one) => one.value === kind)?.label ?? (kind === 'sso' ? 'IAM Identity Center' : 'Newer kind');
}

/** The kinds that can be made, with what each is for. */
export const KINDS: readonly { readonly value: string; readonly label: string; readonly text: string }[] = [
  { value: 'session', label: 'Session', text: 'Your own user, for hours, with an MFA code' },
  { value: 'role', label: 'Role', text: 'A role, in this account or another one' },
  { value: 'federated', label: 'Federated user', text: 'Your rights cut down by a policy; opens the console' },
  { value: 'web-identity', label: 'Web identity', text: 'A role, by a token that something else makes' },
  { value: 'long-term', label: 'Long-term key', text: 'The access key itself, which never ends' },
];

/** Whether a profile's session can be cut down to reading. */
export function canBeReadOnly(kind: string): boolean {
  return kind === 'role' || kind === 'federated' || kind === 'web-identity';
}

/** Whether AWS's console takes the credentials of a profile of this kind. */
export function opensConsole(kind: string): boolean {
  return kind === 'role' || kind === 'federated' || kind === 'web-identity';
}

/** Whether a profile of this kind yields sessions that Undercroft can get. */
export function hasSessions(kind: string): boolean {
  return kind === 'session' || canBeReadOnly(kind);
}

/** The last part of a role's ARN, which people call it by. */
export function roleName(arn: string): string {
  return arn.split('/').at(-1) || arn;
}

const WHY: Record<WayLimitView, string> = {
  call: 'AWS gives a user up to 36 hours',
  root: 'the root user gets at most 1 hour',
  chained: 'chained, so at most 1 hour; assume directly with MFA for up to 12 hours',
  role: 'the role’s own maximum decides: 1 hour unless its owner raised it, 12 at most',
};

/** How long the credentials of a step last, and why no longer. */
export function lasting(step: WayStepView): string {
  return `${duration(step.duration_secs)} · ${WHY[step.limit]}`;
}
