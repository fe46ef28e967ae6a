/** MFA devices made at AWS, as the fake plays it: no network, the waits shortened to a second. */
import { Failure } from '../client';
import type { Commands, DeviceAtAwsView, HalfMadeView, UiError } from '../client';
import { letters } from './sample';
import type { FakeIdentity } from './sample';

type Made = Pick<
  Commands,
  | 'beginEnrolment'
  | 'continueEnrolment'
  | 'finishWithoutProof'
  | 'removeUnfinished'
  | 'forgetUnfinished'
  | 'devicesAtAws'
  | 'resyncDevice'
  | 'removeDeviceAtAws'
  | 'removeLeftOverDevice'
>;

interface Backend {
  identity(id: string): FakeIdentity;
  accountId(identity: FakeIdentity): string;
  changed(identity: string): void;
  random(): number;
}

/** What AWS has of each user, and what was left unfinished. */
export class FakeEnrolment {
  readonly halfMade = new Map<string, HalfMadeView>();
  /** Problems that the next calls end with. */
  readonly problems: UiError[] = [];
  /** Serials that AWS does not have, and those of devices that belong to nobody. */
  readonly gone = new Set<string>();
  leftOver: string[] = [];
  /** Devices that AWS has of every user and that are not filed. */
  readonly unfiled: DeviceAtAwsView[] = [];
  leftOverProblem: UiError | null = null;
  /** Seconds that the next calls to resynchronise are told to wait. */
  readonly resyncWaits: number[] = [];
  /** Whether the proof has waited for its code. */
  #waited = new Set<string>();

  /** Whether AWS takes no codes of a device, as it is not enabled yet. */
  isUnusable(identity: string, device: string): boolean {
    const left = this.halfMade.get(identity);
    return left?.stage === 'created' && left.device === device;
  }

  commands(backend: Backend): Made {
    const fail = (): void => {
      const problem = this.problems.shift();
      if (problem) throw new Failure(problem);
    };
    const unfinished = (identity: string): HalfMadeView => {
      const found = this.halfMade.get(identity);
      if (!found) throw new Failure({ code: 'no-such-item' });
      return found;
    };
    const drop = (identity: string): null => {
      const { device } = unfinished(identity);
      const owner = backend.identity(identity);
      owner.devices = owner.devices.filter((one) => one.id !== device);
      this.halfMade.delete(identity);
      backend.changed(identity);
      return null;
    };
    const end = (identity: string): string => {
      const { device } = unfinished(identity);
      this.halfMade.delete(identity);
      this.#waited.delete(identity);
      backend.changed(identity);
      return device ?? '';
    };
    const make = (identity: string, name: string): void => {
      const owner = backend.identity(identity);
      const device = letters(backend.random, 16);
      owner.devices.push({
        id: device,
        name,
        serial: `arn:aws:iam::${backend.accountId(owner)}:mfa/${name}`,
        algorithm: 'SHA1',
        digits: 6,
        period: 30,
        addedAt: Date.now(),
        usedStep: 0,
      });
      this.halfMade.set(identity, { name, device, stage: 'created' });
      backend.changed(identity);
    };
    return {
      beginEnrolment: async (identity, _key, name) => {
        if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
          const message = 'A device’s name has letters, digits and + = , . @ - _ only.';
          throw new Failure({ code: 'invalid', problems: [{ field: 'name', message }] });
        }
        try {
          fail();
        } catch (lost) {
          const is = lost instanceof Failure && lost.problem.code === 'aws';
          if (is) this.halfMade.set(identity, { name, device: null, stage: 'intent' });
          throw lost;
        }
        make(identity, name);
        return { kind: 'created' };
      },
      continueEnrolment: async (identity) => {
        fail();
        const left = unfinished(identity);
        if (left.stage === 'intent') {
          make(identity, left.name);
          return { kind: 'created' };
        }
        if (left.stage === 'created') {
          this.halfMade.set(identity, { ...left, stage: 'enabled' });
          return { kind: 'enabled' };
        }
        if (!this.#waited.has(identity)) {
          this.#waited.add(identity);
          return { kind: 'wait', secs: 1, enabled: true };
        }
        return { kind: 'done', device: end(identity) };
      },
      finishWithoutProof: async (identity) => end(identity),
      removeUnfinished: async (identity) => {
        fail();
        return drop(identity);
      },
      forgetUnfinished: async (identity) => drop(identity),
      devicesAtAws: async (identity) => {
        fail();
        const { devices } = backend.identity(identity);
        const is = (one: { serial: string | null }): boolean => one.serial !== null && !this.gone.has(one.serial);
        const filed = devices.filter(is).map((one) => ({
          serial: one.serial ?? '',
          makes_codes: true,
          enabled_at: new Date(one.addedAt).toISOString(),
          filed_as: one.id,
        }));
        return {
          at_aws: [...filed, ...this.unfiled],
          only_here: devices.filter((one) => !is(one)).map(({ id, name, serial }) => ({ id, name, serial })),
          left_over: this.leftOverProblem ? [] : [...this.leftOver],
          left_over_problem: this.leftOverProblem,
        };
      },
      resyncDevice: async () => {
        fail();
        return this.resyncWaits.shift() ?? null;
      },
      removeLeftOverDevice: async (_identity, _key, serial) => {
        fail();
        this.leftOver = this.leftOver.filter((one) => one !== serial);
        return null;
      },
      removeDeviceAtAws: async (_identity, _key, serial) => {
        fail();
        this.gone.add(serial);
        return null;
      },
    };
  }
}
