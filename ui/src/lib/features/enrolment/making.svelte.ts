import { commands, Failure } from '$lib/api/client';
import type { EnrolmentStepView, HalfMadeStage, UiError } from '$lib/api/client';
import { Pause } from '$lib/features/clock/pause';

/** What is under way, or comes next. */
export type Stage = 'name' | HalfMadeStage | 'done';

/** A little after the step begins, so that it has begun at AWS as well. */
const GRACE_MS = 300;
/** More steps than any device takes, waits for a step that another window began included. */
const MOST_STEPS = 40;

/** Makes an MFA device at AWS step by step, waiting for codes where the backend says so. */
export class Making {
  stage = $state<Stage>('name');
  busy = $state(false);
  /** When the code that the next step needs begins, by the local clock. */
  waitsUntil = $state<number | null>(null);
  problem = $state.raw<UiError | null>(null);
  readonly identity: string;
  readonly #key: () => string;
  readonly #pause = new Pause();
  #ended = false;

  /** `key` tells the id of the access key that signs the next step. */
  constructor(identity: string, key: () => string, stage: Stage = 'name') {
    this.identity = identity;
    this.#key = key;
    this.stage = stage;
  }

  /** Begins with a device's name and goes on to the end. */
  begin(name: string): Promise<void> {
    return this.#run(() => commands.beginEnrolment(this.identity, this.#key(), name));
  }

  /** Goes on where it stopped. */
  goOn(): Promise<void> {
    return this.#run(() => commands.continueEnrolment(this.identity, this.#key()));
  }

  /** Takes the enabled device as it is, without trying it. */
  async finishUnproven(): Promise<void> {
    try {
      await commands.finishWithoutProof(this.identity);
      this.problem = null;
      this.stage = 'done';
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
    }
  }

  /** Stops waiting; what AWS was asked already runs to its end in the backend. */
  end(): void {
    this.#ended = true;
    this.#pause.cut();
  }

  /** After a failure AWS may have made the device though no answer came, or there is nothing left to go on with. */
  async #lookWhatIsLeft(): Promise<void> {
    try {
      this.stage = (await commands.identity(this.identity)).half_made?.stage ?? 'name';
    } catch {
      // The failure that is shown already is the one to act on.
    }
  }

  async #run(first: () => Promise<EnrolmentStepView>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      let step = await first();
      for (let steps = 0; !this.#ended && this.#note(step); steps += 1) {
        if (steps >= MOST_STEPS) throw new Failure({ code: 'internal' });
        await this.#wait(step);
        if (this.#ended) return;
        step = await commands.continueEnrolment(this.identity, this.#key());
      }
    } catch (thrown) {
      this.problem = Failure.from(thrown).problem;
      await this.#lookWhatIsLeft();
    } finally {
      this.busy = false;
      this.waitsUntil = null;
    }
  }

  /** Takes note of a step; whether another one follows. */
  #note(step: EnrolmentStepView): boolean {
    if (step.kind === 'wait') this.stage = step.enabled ? 'enabled' : 'created';
    else this.stage = step.kind;
    return step.kind !== 'done';
  }

  async #wait(step: EnrolmentStepView): Promise<void> {
    if (step.kind !== 'wait') return;
    this.waitsUntil = Date.now() + step.secs * 1000;
    await this.#pause.sleep(step.secs * 1000 + GRACE_MS);
    this.waitsUntil = null;
  }
}
