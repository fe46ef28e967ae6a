/** Invented accounts to design and test with. Nothing here is real, and nothing here is in a released build. */
import type { AccountRow, IdentityKindView, KeyStateView, SessionKindView } from '../client';

export interface FakeSecret {
  id: string;
  label: string;
  value: string;
}

export interface FakeAccount {
  id: string;
  row: Omit<AccountRow, 'id' | 'identities' | 'live'>;
  notes: string;
  region: string | null;
  endpoints: { sts: string | null; iam: string | null; sign_in: string | null };
  secrets: FakeSecret[];
  createdAt: number;
  modifiedAt: number;
  binnedAt: number | null;
  past: { name: string; replacedAt: number; differs: string[]; restore: () => void; lostMerge: boolean }[];
}

export interface FakeDevice {
  id: string;
  name: string;
  serial: string | null;
  algorithm: string;
  digits: number;
  period: number;
  addedAt: number;
  usedStep: number;
}

export interface FakeKey {
  id: string;
  secret: string;
  state: KeyStateView;
  addedAt: number;
  createdAt: number | null;
  lastUsedAt: number | null;
  checkedAt: number | null;
}

export interface FakeIdentity {
  id: string;
  account: string;
  kind: IdentityKindView;
  name: string;
  favourite: boolean;
  notes: string;
  password: { value: string; changedAt: number; past: { id: string; value: string; replacedAt: number }[] } | null;
  devices: FakeDevice[];
  keys: FakeKey[];
  secrets: FakeSecret[];
  createdAt: number;
  modifiedAt: number;
  binnedAt: number | null;
  past: FakeAccount['past'];
}

export interface FakeSession {
  id: string;
  identity: string | null;
  key: string | null;
  accessKeyId: string;
  device: string | null;
  startedAt: number;
  durationSecs: number;
  /** What is left out is a session of the identity's own. */
  kind?: SessionKindView;
  profile?: { id: string; name: string };
  role?: string | null;
}

export const DAY = 86_400_000;
const HOUR = 3_600_000;

const NAMES = [
  ['Payments production', 'acme-payments-prod', 'red', true, ['payments', 'pci']],
  ['Payments staging', 'acme-payments-stage', 'orange', false, ['payments']],
  ['Platform production', 'acme-platform', 'purple', true, ['platform']],
  ['Data lake', 'acme-data', 'blue', false, ['data', 'analytics']],
  ['Sandbox · Robin', 'robin-sandbox', 'green', false, ['sandbox']],
  ['Landing zone', 'acme-org', 'indigo', true, ['organisation']],
  ['Audit log archive', 'acme-audit', 'grey', false, ['security', 'organisation']],
  ['Web shop', 'acme-shop', 'teal', false, ['shop']],
  ['Web shop production', 'acme-shop-prod', 'pink', true, ['shop']],
  ['China region', 'acme-cn', 'yellow', false, ['cn']],
  ['LocalStack', null, 'grey', false, ['local']],
  ['Machine learning', 'acme-ml', 'purple', false, ['data']],
] as const;

const TEAMS = [
  'Search',
  'Mobile',
  'Billing',
  'Media',
  'Identity',
  'Logistics',
  'Support',
  'Edge',
  'Fraud',
  'Internal tools',
];
const COLOURS = ['grey', 'blue', 'teal', 'green', 'indigo', 'purple', 'orange', 'pink', 'yellow', 'red'];

/** The same numbers every time, so that pictures can be compared. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function hex(random: () => number, length = 32): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

export function letters(random: () => number, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from({ length }, () => alphabet[Math.floor(random() * 32)]).join('');
}

export function sampleAccounts(count: number, now: number): { accounts: FakeAccount[]; identities: FakeIdentity[] } {
  const random = numbers(7);
  const accounts: FakeAccount[] = [];
  const identities: FakeIdentity[] = [];
  for (let at = 0; at < count; at += 1) {
    const given = NAMES[at];
    const team = `${TEAMS[at % TEAMS.length]} ${['development', 'test', 'staging', 'production'][at % 4]}`;
    const accountId = String(100_000_000_000 + Math.floor(random() * 899_999_999_999));
    const alias = given ? given[1] : `acme-${team.toLowerCase().replaceAll(' ', '-')}`;
    const partition = alias === 'acme-cn' ? 'aws-cn' : 'aws';
    const account: FakeAccount = {
      id: hex(random),
      row: {
        account_id: alias === null ? '000000000000' : accountId,
        alias,
        name: given ? given[0] : at < 12 + TEAMS.length * 4 ? team : `${team} ${at}`,
        partition,
        colour: given ? given[2] : (COLOURS[at % COLOURS.length] ?? 'grey'),
        production: given ? given[3] : at % 4 === 3,
        favourite: at < 3,
        tags: given ? [...given[4]] : [(TEAMS[at % TEAMS.length] ?? '').toLowerCase()],
      },
      notes:
        at === 0
          ? 'Owned by the payments team. Changes go through the Thursday window.\nOn call: #payments-oncall'
          : '',
      region: at === 0 ? 'eu-central-1' : null,
      endpoints: { sts: alias === null ? 'http://localhost:4566' : null, iam: null, sign_in: null },
      secrets: at === 0 ? [{ id: hex(random), label: 'Support PIN', value: '4471-09' }] : [],
      createdAt: now - (200 - at) * DAY,
      modifiedAt: now - at * 7 * HOUR,
      binnedAt: null,
      past: [],
    };
    accounts.push(account);
    const users =
      at === 0 ? ['deploy-bot', 'robin.mason', 'sam.okafor'] : at % 3 === 0 ? ['robin.mason', 'ci'] : ['robin.mason'];
    identities.push(identity(account, 'root', `aws+${alias ?? 'local'}@acme.example`, random, now));
    for (const user of users) identities.push(identity(account, 'iam-user', user, random, now));
  }
  return { accounts, identities };
}

function identity(
  account: FakeAccount,
  kind: IdentityKindView,
  name: string,
  random: () => number,
  now: number,
): FakeIdentity {
  const root = kind === 'root';
  const robot = name === 'deploy-bot' || name === 'ci';
  const arn = (device: string): string => `arn:${account.row.partition}:iam::${account.row.account_id}:mfa/${device}`;
  const device = (deviceName: string): FakeDevice => ({
    id: hex(random),
    name: deviceName,
    serial: arn(deviceName),
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    addedAt: now - 120 * DAY,
    usedStep: 0,
  });
  const key = (daysAgo: number, state: KeyStateView): FakeKey => ({
    id: `AKIA${letters(random, 16)}`,
    secret: hex(random, 40),
    state,
    addedAt: now - daysAgo * DAY,
    createdAt: now - daysAgo * DAY,
    lastUsedAt: state === 'active' ? now - 3 * HOUR : null,
    checkedAt: state === 'unknown' ? null : now - 2 * DAY,
  });
  return {
    id: hex(random),
    account: account.id,
    kind,
    name,
    favourite: root && account.row.favourite,
    notes: root ? 'Break glass only. Two people sign.' : '',
    password: robot
      ? null
      : {
          value: `correct-horse-${hex(random, 6)}`,
          changedAt: now - 60 * DAY,
          past: root ? [] : [{ id: hex(random), value: 'Winter-2024-old', replacedAt: now - 60 * DAY }],
        },
    devices: robot ? [] : root ? [device('root-account-mfa-device'), device('safe-deposit-spare')] : [device(name)],
    keys: root ? [] : robot ? [key(210, 'active'), key(12, 'unknown')] : [key(45, 'active')],
    secrets: root ? [{ id: hex(random), label: 'Security question', value: 'The blue bicycle' }] : [],
    createdAt: now - 190 * DAY,
    modifiedAt: now - 9 * DAY,
    binnedAt: null,
    past: [],
  };
}
