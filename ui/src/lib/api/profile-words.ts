/** The words for what is the matter with a profile. */
import type { NotApprovedReason, UnusableReason, WebTokenProblem } from './client';
import type { Words } from './errors';

/** Why there is no token of a web identity. */
export function webToken(problem: WebTokenProblem): Words {
  switch (problem) {
    case 'unreadable':
      return {
        title: 'The token’s file can’t be read',
        advice: 'See that whatever writes it runs, and check the path.',
      };
    case 'not-started':
      return { title: 'The program that prints the token can’t be started', advice: 'Check its path.' };
    case 'failed':
      return {
        title: 'The program that prints the token failed',
        advice: 'Run it in a terminal to see why.',
      };
    case 'slow':
      return {
        title: 'The program that prints the token took too long',
        advice: 'It has 10 seconds. Run it in a terminal to see what it waits for.',
      };
    case 'shape':
      return {
        title: 'What was read is no token',
        advice: 'A token is one line of 4 to 20,000 visible characters.',
      };
  }
}

/** Why a profile yields nothing here. */
export function unusable(reason: UnusableReason): Words {
  switch (reason.kind) {
    case 'identity-center':
      return {
        title: 'Signing in to IAM Identity Center comes later',
        advice: 'Until then, use `aws sso login` for this profile. What was imported stays here.',
      };
    case 'newer':
      return { title: 'A newer Undercroft made this profile', advice: 'Update to use it. It stays as it is.' };
    case 'gone':
      return {
        title: `${reason.what.charAt(0).toUpperCase()}${reason.what.slice(1)} is gone or in the bin`,
        advice: 'Restore it, or edit the profile.',
      };
    case 'no-key':
      return {
        title: `${reason.identity} has no active access key`,
        advice: 'Add one to the identity: the profile begins with it.',
      };
    case 'no-console':
      return {
        title: 'AWS’s console does not take these credentials',
        advice: 'Make a federated user or a role profile for it, or sign in with the password.',
      };
    case 'federated-source':
      return {
        title: 'A federated user’s credentials can’t assume roles',
        advice: 'Choose another source for this profile.',
      };
  }
}

/** Why a program got nothing. */
export function notApproved(reason: NotApprovedReason): Words {
  switch (reason) {
    case 'denied':
      return { title: 'Denied', advice: 'Somebody said no in this window.' };
    case 'by-rule':
      return { title: 'Denied by a rule', advice: 'The rules are in the settings, under “Programs”.' };
    case 'no-answer':
      return { title: 'Nobody answered in time', advice: 'No answer within 45 seconds counts as a no.' };
    case 'no-window':
      return { title: 'There was no window to ask in', advice: 'Open Undercroft, and let the program ask again.' };
    case 'too-many':
      return { title: 'Too many programs wait for an answer', advice: 'Answer those first.' };
  }
}
