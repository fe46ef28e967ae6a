/** The words for every failure: what happened, why, and the next step. */
import { behindOrAhead, counted, seconds } from '$lib/format/duration';
import { fileWords } from './import-words';
import { notApproved, unusable, webToken } from './profile-words';
import type { AwsProblem, ScanProblem, UiError } from './client';

/** A failure in words. */
export interface Words {
  /** What happened, in a few words, without a full stop. */
  readonly title: string;
  /** Why, and what to do next. */
  readonly advice: string;
  /** What to search for or to tell support: AWS's own code and words, or the system's. */
  readonly detail?: string;
}

/** Says a failure in words. */
export function words(problem: UiError): Words {
  switch (problem.code) {
    case 'locked':
      return { title: 'The vault is locked', advice: 'Unlock it and try again. Nothing was changed.' };
    case 'wrong-password':
      return {
        title: 'That password does not open the vault',
        advice: after(problem.wait_secs, 'Check caps lock and the keyboard layout, or use the recovery key.'),
      };
    case 'password-needed':
      return {
        title: 'The master password is needed',
        advice:
          'Quick unlock ends when you log out, after two weeks, and when the password or the vault was changed. Typing the password once prepares it again.',
      };
    case 'no-keychain':
      return {
        title: 'Quick unlock is not possible here',
        advice: 'The system keeps no key for this session. Go on with the master password.',
      };
    case 'mistyped-recovery-key':
      return {
        title: 'The recovery key has a typing error',
        advice: 'Its built-in check does not fit. Compare it group by group with the printed kit.',
      };
    case 'wrong-recovery-key':
      return {
        title: 'This recovery key does not open the vault',
        advice: after(
          problem.wait_secs,
          'It is typed right, but belongs to another vault or was replaced. Use the newest kit.',
        ),
      };
    case 'weak-password':
      return {
        title: 'This password is too easy to guess',
        advice: 'Make it longer: four or five unrelated words do it.',
      };
    case 'not-a-vault':
      return {
        title: 'This file is not a vault',
        advice: `Choose a file that Undercroft made; ${problem.path} is something else.`,
      };
    case 'damaged':
      return {
        title: 'The vault file is damaged',
        advice: `${problem.path} is not as it was written. ${backups(problem.backups)}`,
      };
    case 'too-new':
      return {
        title: 'This vault needs a newer Undercroft',
        advice: `It was saved in format ${problem.needs}. Install a version that reads it; the file is untouched.`,
      };
    case 'hostile-parameters':
      return {
        title: 'This file asks for unsafe settings',
        advice: 'Its password protection is outside the bounds that Undercroft accepts. Use a backup that you trust.',
      };
    case 'vault-missing':
      return {
        title: 'The vault file is not there',
        advice: `Nothing is at ${problem.path}. If it is on a drive or a synced folder, connect it. ${backups(problem.backups)}`,
      };
    case 'folder-missing':
      return {
        title: 'The folder is not there',
        advice: `Make ${problem.path}, connect its drive, or choose another place.`,
      };
    case 'read-only':
      return {
        title: 'Nothing can be written there',
        advice: `${problem.path} is read-only. Allow writing there and unlock again, or move the vault in Settings.`,
      };
    case 'open-for-reading':
      return {
        title: 'The vault is open for reading only',
        advice: 'Nothing was changed. Lock it and unlock it again to decide otherwise.',
      };
    case 'no-permission':
      return {
        title: 'The system refuses access',
        advice: `You may not use ${problem.path}. Change its permissions, or choose another place.`,
      };
    case 'disk-full':
      return {
        title: 'The disk or your quota is full',
        advice: `There is no room for ${problem.path}. Free some and save again; the vault on disk is untouched.`,
      };
    case 'in-use':
      if (problem.agent) {
        return {
          title: 'An agent has the vault open',
          advice:
            'It saves, locks and ends when you take over. Programs get their next answers from here, once the vault is unlocked.',
        };
      }
      return {
        title: 'Another program has the vault open',
        advice:
          problem.pid === null
            ? 'Lock or quit the other Undercroft, then try again.'
            : `Lock or quit the other Undercroft (process ${problem.pid}), then try again.`,
      };
    case 'agent-keeps-vault':
      return {
        title: 'The agent did not let the vault go',
        advice: `It may still be saving: try again in a moment. If that does not help, end “undercroft agent”${problem.pid === null ? '' : ` (process ${problem.pid})`} where it runs.`,
      };
    case 'already-exists':
      return {
        title: 'Something is there already',
        advice: `${problem.path} would be overwritten. Choose another name.`,
      };
    case 'key-replaced':
      return {
        title: 'The vault was given a new key elsewhere',
        advice: 'Enter the password that it has now: then your changes are merged with those made there.',
      };
    case 'disk':
      return {
        title: 'The disk failed',
        advice: `${problem.path} could not be read or written. Check the drive and try again.`,
        detail: problem.detail,
      };
    case 'invalid':
      return {
        title: problem.problems.length === 1 ? 'One field needs attention' : 'Some fields need attention',
        advice: problem.problems.map((one) => asSentence(one.message)).join(' '),
      };
    case 'no-such-item':
      return { title: 'This is gone', advice: 'It was removed in the meantime. Look in the bin.' };
    case 'duplicate-account':
      return {
        title: `${problem.name} is this account already`,
        advice: problem.binned ? 'It rests in the bin: restore it from there.' : 'Open that one instead.',
      };
    case 'duplicate-identity':
      return {
        title: 'The account has this identity already',
        advice: problem.binned ? 'It rests in the bin: restore it from there.' : 'Open that one instead.',
      };
    case 'too-many':
      return {
        title: `No more than ${problem.limit} fit`,
        advice: 'This is AWS’s own limit. Remove one that is no longer used first.',
      };
    case 'device-without-serial':
      return {
        title: 'The device has no serial',
        advice: 'AWS wants the device’s serial for a session, like arn:aws:iam::123456789012:mfa/phone. File it there.',
      };
    case 'device-makes-longer-codes':
      return {
        title: 'The device can’t be used for sessions',
        advice: 'STS takes codes of exactly 6 digits, and this device makes longer ones. Choose another device.',
      };
    case 'import':
      return fileWords(problem.file, problem.reason);
    case 'too-large-for-json':
      return {
        title: 'The vault is too large for a JSON file',
        advice: 'Export it encrypted instead. Nothing was written.',
      };
    case 'not-permitted':
      return {
        title: 'The master password is needed for this',
        advice: 'It was typed for something else, or more than a minute ago. Try again.',
      };
    case 'aws':
      return { ...aws(problem.kind, problem.host, problem.clock_offset_secs), detail: awsDetail(problem) };
    case 'at-link': {
      const { title, advice, detail } = words(problem.error);
      return { title: `${problem.at} failed`, advice: `${title}. ${advice}`, detail };
    }
    case 'web-token':
      return webToken(problem.problem);
    case 'no-such-profile':
      return { title: 'No profile has this name', advice: 'Choose one from the list, or add it.' };
    case 'no-such-device':
      return problem.several
        ? { title: 'Several MFA devices have this name', advice: 'Say which one, as ALIAS/USER.' }
        : { title: 'No MFA device has this name', advice: 'Choose one from the list, or add it.' };
    case 'profile-unusable':
      return unusable(problem.reason);
    case 'not-approved':
      return notApproved(problem.reason);
    case 'iam-denied':
      return {
        title: 'IAM denies this to the user',
        advice: problem.needs_mfa_session
          ? 'If the policies ask for MFA, get a session with an MFA device first: it signs then. Else they lack what stands below.'
          : 'The user’s policies lack what stands below. Hand it to whoever manages the account.',
        detail: problem.aws_message ?? undefined,
      };
    case 'no-clipboard':
      return {
        title: 'The clipboard can’t be reached',
        advice: 'The desktop does not let programs copy right now. Show the value and type it instead.',
      };
    case 'no-browser':
      return {
        title: 'No browser could be started',
        advice:
          'Copy the address and open it yourself. Which browser is taken stands in the settings, under “Desktop”.',
      };
    case 'browser-late':
      return {
        title: 'The browser did not come for the page',
        advice: 'It has a minute, and the address was good for one visit. Try again, or copy the address.',
      };
    case 'state-file':
      return {
        title: 'The code was not given out',
        advice: `A used code must be noted first, and ${problem.path} can’t be written. Free space or fix its permissions, then try again.`,
        detail: problem.detail,
      };
    case 'scan':
      return { ...scan(problem.problem), detail: problem.detail ?? undefined };
    case 'shortcut-taken':
      return {
        title: 'Another program has these keys',
        advice: 'Choose other ones, or free them in the settings of the desktop or of that program.',
      };
    case 'bad-shortcut':
      return {
        title: 'These keys can’t be a shortcut',
        advice: 'Press Ctrl, Alt or the Super key together with a letter, a digit or a function key.',
      };
    case 'start-at-login':
      return {
        title: 'Starting at login could not be changed',
        advice: 'The system refused. Set it in the desktop’s own settings for programs started at login.',
        detail: problem.detail,
      };
    case 'bad-message':
      return { title: 'That did not arrive whole', advice: 'Try again. If it stays so, lock and unlock the vault.' };
    case 'internal':
      return { title: 'Something went wrong inside Undercroft', advice: 'Nothing was changed. Try again.' };
  }
}

/** A failure as one sentence, for toasts and screen readers. */
export function sentence(problem: UiError): string {
  const { title, advice } = words(problem);
  return `${title}. ${advice}`;
}

/** Whether the MFA device is at fault: it is filed so that STS takes no code of it. */
export function isOfDevice(problem: UiError): boolean {
  return problem.code === 'device-without-serial' || problem.code === 'device-makes-longer-codes';
}

/** The message beside the field of that name, where a draft was refused for it. */
export function fieldMessage(problem: UiError | null, ...fields: string[]): string | undefined {
  if (problem?.code !== 'invalid') return undefined;
  const found = problem.problems.filter((one) => fields.includes(one.field));
  return found.length > 0 ? found.map((one) => asSentence(one.message)).join(' ') : undefined;
}

/** The backend's reasons are bare clauses: `choose 5 to 600 seconds`. */
function asSentence(clause: string): string {
  const ended = /[.!?]$/.test(clause) ? clause : `${clause}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

function after(waitSecs: number, advice: string): string {
  return waitSecs > 0 ? `${advice} You can try again in ${seconds(waitSecs)}.` : advice;
}

function backups(count: number): string {
  return count > 0
    ? `${counted(count, 'backup is', 'backups are')} at hand: restore one.`
    : 'There is no backup beside it; look for a copy elsewhere.';
}

function aws(kind: AwsProblem, host: string, offsetSecs: number | null): Words {
  switch (kind) {
    case 'wrong-or-reused-code':
      return {
        title: 'AWS did not take the MFA code',
        advice: 'It was used before, or the seed or the clock is off. Wait for the next code and try again.',
      };
    case 'wrong-serial':
      return {
        title: 'AWS does not know this MFA device',
        advice:
          'Its serial names no device of this user. Compare it with the ARN in the IAM console and edit the device.',
      };
    case 'clock-skew':
      return {
        title: 'The clocks are too far apart',
        advice:
          offsetSecs === null
            ? 'Set this machine’s clock, then try again.'
            : `This machine is ${behindOrAhead(offsetSecs)} AWS. Set its clock, then try again.`,
      };
    case 'inactive-or-unknown-key':
      return {
        title: 'AWS does not know this access key',
        advice:
          'It is inactive, deleted or a few seconds old, or the region is not enabled in the account. Look at it in the IAM console.',
      };
    case 'signature-mismatch':
      return {
        title: 'The secret does not belong to this access key',
        advice: 'Enter the secret access key again. AWS shows it only once; if it is lost, make a new key.',
      };
    case 'session-expired':
      return { title: 'The session has ended', advice: 'Get a new one from the access key.' };
    case 'needs-long-term-key':
      return {
        title: 'AWS wants a long-term access key for this',
        advice: 'What is filed here belongs to a session. File the key whose id begins with AKIA.',
      };
    case 'session-without-mfa':
      return {
        title: 'A policy asks for MFA',
        advice: 'Choose an MFA device beside the duration and get a session with it.',
      };
    case 'access-denied':
      return {
        title: 'A policy forbids this',
        advice: 'Ask who manages the account. If its policies ask for MFA, choose an MFA device and try again.',
      };
    case 'role-denied':
      return {
        title: 'The role does not let this identity in',
        advice:
          'Its trust policy and the identity’s own have to allow it. Check the external id, the tags and whether the role asks for MFA.',
      };
    case 'wrong-duration':
      return {
        title: 'AWS does not allow a session this long',
        advice: 'Choose a shorter duration: a role has a maximum of its own, and the root user gets one hour at most.',
      };
    case 'chained-too-long':
      return {
        title: 'A role assumed from a session lasts an hour at most',
        advice: 'Choose an hour or less, or assume the role directly from the access key, with MFA in that call.',
      };
    case 'bad-policy':
      return {
        title: 'AWS does not take the session policy',
        advice: 'It has a mistake, or is too large together with the tags. AWS’s own words are below.',
      };
    case 'bad-web-identity':
      return {
        title: 'AWS does not take the identity provider’s token',
        advice:
          'It has expired, is meant for somebody else, or AWS could not check it. Get a new token, then compare the provider and the audience with the role’s trust policy.',
      };
    case 'console-refused':
      return {
        title: 'The console does not take these credentials',
        advice:
          'It takes those of a role or a federated user, while they last; those of GetSessionToken never. Get a new session, or a shorter one.',
      };
    case 'region-not-enabled':
      return {
        title: 'This region is not enabled in the account',
        advice: 'Choose another region for the account, or enable this one in the console.',
      };
    case 'throttled':
      return { title: 'AWS asks for a pause', advice: 'There were too many calls. Try again in a minute.' };
    case 'unavailable':
      return { title: 'AWS is out of order just now', advice: 'Try again in a minute.' };
    case 'unreachable':
      return {
        title: `${host} can’t be reached`,
        advice: 'Check the network and, where the account has one, its custom endpoint.',
      };
    case 'untrusted-certificate':
      return {
        title: `The certificate of ${host} is not trusted`,
        advice: 'Somebody may be in between. Check the custom endpoint and your network before going on.',
      };
    case 'timeout':
      return { title: `${host} did not answer in time`, advice: 'Check the network and try again.' };
    case 'bad-answer':
      return {
        title: `${host} gave an answer that makes no sense`,
        advice: 'A proxy or a wrong endpoint is likely. Check the account’s custom endpoint.',
      };
    case 'hostile-environment':
      return {
        title: 'The environment would redirect calls to AWS',
        advice: 'The variable SMITHY_CLIENT_SDK_CUSTOM_PARTITION is set. Unset it and start Undercroft again.',
      };
    case 'entity-exists':
      return {
        title: 'AWS has a device of this name already',
        advice: 'Device names are taken once in an account. Choose another one.',
      };
    case 'no-such-entity':
      return {
        title: 'AWS knows no such user or device',
        advice: 'It was removed or renamed there. Compare the user name with the IAM console.',
      };
    case 'limit-exceeded':
      return { title: 'AWS allows no more of these', advice: 'A user has 8 MFA devices at most. Remove one first.' };
    case 'delete-conflict':
      return {
        title: 'The device is in use at AWS',
        advice: 'It belongs to a user there, so it is not deleted. Nothing was changed.',
      };
    case 'temporarily-unmodifiable':
      return { title: 'AWS is still busy with the last change', advice: 'Wait a minute, then go on.' };
    case 'refused':
      return { title: 'AWS refused', advice: 'Its own words are below.' };
  }
}

function scan(problem: ScanProblem): Words {
  switch (problem) {
    case 'no-screen':
      return {
        title: 'The screen can’t be read',
        advice: 'Save or copy a picture of the QR code and choose or paste that.',
      };
    case 'refused':
      return {
        title: 'The desktop gave no picture of the screen',
        advice: 'Allow it in the desktop’s privacy settings, or paste a picture of the QR code.',
      };
    case 'timeout':
      return { title: 'Nothing came in time', advice: 'Try again.' };
    case 'cancelled':
      return { title: 'Cancelled', advice: 'Nothing was changed.' };
    case 'empty-clipboard':
      return {
        title: 'Nothing to read is on the clipboard',
        advice: 'Copy the picture of the QR code, its file, or the secret key first.',
      };
    case 'nothing-dropped':
      return {
        title: 'No file was dropped',
        advice: 'Drop a picture file. From a web page, copy the picture and paste it instead.',
      };
    case 'unreadable':
      return { title: 'The file can’t be read', advice: 'Look at its permissions, or choose another one.' };
    case 'svg':
      return {
        title: 'SVG drawings are not read',
        advice: 'They are programs more than pictures. Make a screenshot of it, or save it as PNG.',
      };
    case 'not-a-picture':
      return { title: 'This is not a picture', advice: 'Choose a PNG, JPEG, WebP, GIF or BMP file.' };
    case 'damaged':
      return { title: 'The picture is damaged', advice: 'Save or copy it again.' };
    case 'too-large':
      return { title: 'The picture is too large', advice: 'Cut out the part with the QR code and try that.' };
    case 'no-camera':
      return { title: 'No camera can be used', advice: 'Scan the screen or choose a picture instead.' };
    case 'gone':
      return {
        title: 'What was found has been dropped',
        advice: 'Found codes are kept for five minutes only. Scan again.',
      };
  }
}

function awsDetail(problem: Extract<UiError, { code: 'aws' }>): string | undefined {
  return [problem.aws_code, problem.aws_message].filter(Boolean).join(': ') || undefined;
}
