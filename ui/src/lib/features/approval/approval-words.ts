import type { ApprovalView, DecisionView } from '$lib/api/client';

/** When a program's first use of a profile is asked about. */
export const APPROVALS: readonly { readonly value: ApprovalView; readonly label: string }[] = [
  { value: 'never', label: 'Never' },
  { value: 'production', label: 'For production accounts' },
  { value: 'always', label: 'Always' },
];

const PURPOSES: Readonly<Record<string, string>> = {
  'credential-process': 'credentials for an AWS program',
  exec: 'to run a command with credentials',

  export: 'credentials as text',
  console: 'to sign in to the console',
  'exec-server': 'to serve credentials to a command',
  import: 'to add to the vault what is in files',
  'take-out': 'to take keys in plain text out of a file',
  code: 'an MFA code',
};

/** What a program wants, in words. */
export function purpose(verb: string): string {
  return PURPOSES[verb] ?? verb;
}

/** What was answered, for the message afterwards. */
export const ANSWERED: Readonly<Record<DecisionView, string>> = {
  deny: 'was denied',
  once: 'may, this once',
  'ten-minutes': 'may for 10 minutes',
  'until-lock': 'may until the vault locks',
  always: 'may from now on; the rule is in the settings',
  never: 'is denied from now on; the rule is in the settings',
};
