/** The fake backend's programs: what they wait for, what they got, and what the settings answer them. */
import { Failure } from '../client';
import type {
  ActivityLogView,
  ActivityView,
  ApprovalRequestView,
  ApprovalSettingsView,
  Commands,
  DecisionView,
  Events,
} from '../client';
import { numbers } from './sample';

export class FakePrograms {
  requests: ApprovalRequestView[] = [];
  settings: ApprovalSettingsView = { approval: 'production', rules: [] };
  log: ActivityLogView = { entries: [], dropped: 0, is_whole: true };
  /** What was answered, in order. */
  readonly answers: DecisionView[] = [];
  readonly #heard = new Set<() => void>();

  /** Makes a program ask. */
  ask(request: Partial<ApprovalRequestView>): void {
    const id = `${this.requests.length + this.answers.length + 1}`;
    const aws = { pid: 4711, name: 'terraform', path: '/usr/local/bin/terraform' };
    const chain = [
      { pid: 4713, name: 'undercroft', path: '/usr/bin/undercroft' },
      aws,
      { pid: 4012, name: 'bash', path: '/usr/bin/bash' },
      { pid: 3900, name: 'gnome-terminal', path: '/usr/libexec/gnome-terminal-server' },
    ];
    const usual = {
      id,
      program: aws,
      chain,
      script: null,
      folder: '/home/robin/work/payments-infra',
      purpose: 'credential-process',
      profile: 'p',
      profile_name: 'payments-admin',
      sections: [],
      account: null,
      role: null,
      secs_left: 45,
    };
    this.requests = [...this.requests, { ...usual, ...request }];
    this.tell();
  }

  /** Tells the window that questions came or went. */
  tell(): void {
    for (const heard of this.#heard) heard();
  }

  /** Fills the log. */
  fill(count: number, now: number): void {
    const random = numbers(5);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const programs = [
      { program: 'terraform', path: '/usr/local/bin/terraform', script: null },
      { program: 'python3', path: '/usr/bin/python3', script: '/home/robin/work/deploy.py' },
      { program: 'aws', path: '/usr/local/bin/aws', script: null },
      { program: 'Undercroft', path: null, script: null },
    ];
    const outcomes = ['cached', 'cached', 'cached', 'fetched', 'given', 'denied', 'failed'] as const;
    this.log.entries = Array.from({ length: count }, (_, at): ActivityView => {
      const outcome = pick(outcomes);
      const when = new Date(now - at * at * 1_700 - 20_000).toISOString();
      return {
        at: when,
        last_at: when,
        count: outcome === 'cached' ? 1 + Math.floor(random() * 40) : 1,
        ...pick(programs),
        verb: outcome === 'given' ? 'code' : pick(['credential-process', 'exec', 'env']),
        of: pick(['payments-admin', 'payments', 'staging-deploy', 'payments-audit']),
        account: '100234567890',
        outcome,
        failure: outcome === 'failed' ? 'aws' : null,
      };
    });
  }

  readonly events = {
    approvalsChanged: async (heard) => {
      const tell = (): void => heard(null);
      this.#heard.add(tell);
      return () => this.#heard.delete(tell);
    },
  } satisfies Partial<Events>;

  readonly commands = {
    approvalRequests: async () => this.requests,
    answerApproval: async (id, decision) => {
      const request = this.requests.find((one) => one.id === id);
      if (!request) throw new Failure({ code: 'no-such-item' });
      this.requests = this.requests.filter((one) => one !== request);
      this.answers.push(decision);
      if (decision === 'always' || decision === 'never') {
        const rule = {
          program: request.program?.path ?? '',
          script: request.script,
          profile: request.profile,
          profile_name: request.profile_name,
          allows: decision === 'always',
          added_at: new Date().toISOString(),
        };
        this.settings = { ...this.settings, rules: [...this.settings.rules, rule] };
      }
      this.tell();
      return null;
    },
    approvalSettings: async () => this.settings,
    setApproval: async (approval) => {
      this.settings = { ...this.settings, approval };
      return null;
    },
    removeApprovalRule: async (index) => {
      if (!this.settings.rules[index]) throw new Failure({ code: 'no-such-item' });
      this.settings = { ...this.settings, rules: this.settings.rules.filter((_, at) => at !== index) };
      return null;
    },
    activity: async () => this.log,
    exportActivity: async () => '/home/robin/Documents/undercroft-activity.jsonl',
  } satisfies Partial<Commands>;
}
