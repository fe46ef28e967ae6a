import type { SignInStepView, SignInView } from '$lib/api/client';
import { groupedAccountId } from '$lib/format/code';

/** A step in words, with the value that it copies where that is no secret. */
export interface StepWords {
  readonly title: string;
  readonly value: string | null;
}

/** Says what a step of a sign-in does. */
export function stepWords(step: SignInStepView, { name, account }: SignInView): StepWords {
  switch (step) {
    case 'open-page':
      return { title: 'Open the sign-in page', value: null };
    case 'account-name':
      return account.alias
        ? { title: 'Copy the account alias', value: account.alias }
        : { title: 'Copy the account id', value: groupedAccountId(account.account_id) };
    case 'email':
      return { title: 'Copy the email', value: name };
    case 'user-name':
      return { title: 'Copy the user name', value: name };
    case 'password':
      return { title: 'Copy the password', value: null };
    case 'code':
      return { title: 'Copy the MFA code', value: null };
  }
}
