/** Opens the password window on a fake backend, for this feature's tests. */
import { cleanup, render } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import type { UserEvent } from '@testing-library/user-event';
import { configure, screen } from '@testing-library/dom';
import { afterEach, vi } from 'vitest';
import { use } from '$lib/api/client';
import type { Commands } from '$lib/api/client';
import { Fake } from '$lib/api/fake';
import type { FakeOptions } from '$lib/api/fake/backend';
import PasswordApp from './PasswordApp.svelte';

export const RIGHT = 'a long enough password';
export const FRESH = 'another one, just as long';
export const RECOVERY_KEY = '7Q4M2X-HT9P6A-6WDCK3-RBYN8E-5VJFK1-GKKH14';

afterEach(cleanup);
// Sealing takes real time, and more of it on a busy machine.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

/** An open password window and the fake behind it. */
export interface Opened {
  readonly fake: Fake;
  readonly user: UserEvent;
  /** Everything that was sent to the backend, as it crosses. */
  readonly sent: string[];
  /** How often a command was called. */
  called(name: keyof Commands): number;
}

/** Renders the window; `over` answers in the place of the fake's own commands. */
export async function openWindow(options: FakeOptions = {}, over: Partial<Commands> = {}): Promise<Opened> {
  const fake = new Fake({ accounts: 1, sessions: false, ...options });
  const sent: string[] = [];
  const commands = new Proxy(fake.commands, {
    get: (target, name) => {
      const call = (over[name as keyof Commands] ?? target[name as keyof Commands]) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        sent.push(`${String(name)} ${JSON.stringify(args)}`);
        return call(...args);
      };
    },
  });
  use({ commands, events: fake.events });
  render(PasswordApp);
  await screen.findByRole('heading');
  await settled();
  return {
    fake,
    user: userEvent.setup({ delay: null }),
    sent,
    called: (name) => sent.filter((one) => one.startsWith(`${name} `)).length,
  };
}

/** Lets what was started come to its end: sealing goes through several turns of the event loop. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 40));
}

export const field = (label: string): HTMLInputElement => screen.getByLabelText(label, { exact: true });
export const button = (name: string): HTMLElement => screen.getByRole('button', { name });
export const master = (): HTMLInputElement => field('Master password');
