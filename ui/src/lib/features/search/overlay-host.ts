import { commands, Failure } from '$lib/api/client';
import type { SearchHit } from '$lib/api/client';
import { toasts } from '$lib/components/toasts.svelte';
import { copiedWords } from '$lib/features/clipboard/copy';
import { preferred } from '$lib/features/session/formats.svelte';
import type { Wait } from '$lib/features/session/session-request.svelte';
import { vault } from '$lib/features/window/vault.svelte';
import type { HitAction } from './hit-actions';
import type { PaletteHost } from './palette.svelte';

/** Does in the main window what its search box is asked for, and closes the box once it is done. */
export class OverlayHost implements PaletteHost {
  constructor(readonly done: () => void) {}

  async perform(action: HitAction, hit: SearchHit): Promise<Wait | void> {
    const name = hit.identity?.name ?? '';
    switch (action) {
      case 'open':
        void (hit.identity ? vault.openIdentity(hit.item, hit.account.id) : vault.openAccount(hit.item));
        return;
      case 'code':
        toasts.say(copiedWords(`Code of ${name}`, await commands.copy(codeOf(hit))));
        vault.codesUsed();
        return;
      case 'password': {
        const secret = { kind: 'password', identity: hit.item } as const;
        toasts.say(copiedWords(`Password of ${name}`, await commands.copy({ kind: 'secret', secret })));
        return;
      }
      case 'console':
        await commands.openSignIn(hit.item);
        return;
      case 'steps':
        await commands.beginSignIn(hit.item);
        return;
      case 'session':
        return copySession(hit);
    }
  }
}

function codeOf(hit: SearchHit): { kind: 'code'; identity: string; device: string } {
  if (!hit.device) throw new Failure({ code: 'no-such-item' });
  return { kind: 'code', identity: hit.item, device: hit.device };
}

async function copySession(hit: SearchHit): Promise<Wait | void> {
  const identity = await commands.identity(hit.item);
  const key = identity.keys.find((one) => one.state !== 'inactive') ?? identity.keys[0];
  if (!key) throw new Failure({ code: 'no-such-item' });
  const answer = await commands.getSession({
    identity: hit.item,
    key: key.id,
    device: identity.devices.find((one) => one.usable_with_sts)?.id ?? null,
    duration_secs: identity.session_limits.default_secs,
    fresh: false,
  });
  if (answer.kind === 'wait') return answer;
  const { session } = answer;
  const copied = await commands.copy({ kind: 'session', session: session.id, format: preferred.value });
  toasts.say(copiedWords(`Session in ${session.account.name} (${preferred.label})`, copied));
}
