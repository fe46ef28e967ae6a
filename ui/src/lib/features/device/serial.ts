import type { AccountRow } from '$lib/api/client';

/** The serial that AWS gives a virtual device of that name. */
export function serialFor(account: Pick<AccountRow, 'partition' | 'account_id'>, deviceName: string): string {
  return deviceName ? `arn:${account.partition}:iam::${account.account_id}:mfa/${deviceName}` : '';
}
