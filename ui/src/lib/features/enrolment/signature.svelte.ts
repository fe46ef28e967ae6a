import type { IdentityView, KeyView } from '$lib/api/client';

/** Which access key of an identity signs calls to IAM: the user's choice, else the first active one. */
export class Signature {
  #chosen = $state<string>();
  readonly #identity: () => IdentityView;

  constructor(identity: () => IdentityView) {
    this.#identity = identity;
  }

  /** Those to choose from, the ones known to be active in front; none for the root user. */
  get keys(): readonly KeyView[] {
    const { kind, keys } = this.#identity();
    // The root user's devices are made in the console only.
    if (kind === 'root') return [];
    const of = (state: KeyView['state']): KeyView[] => keys.filter((key) => key.state === state);
    return [...of('active'), ...of('unknown')];
  }

  /** The id of the one that signs. */
  get key(): string | undefined {
    const { keys } = this;
    return (keys.find((key) => key.id === this.#chosen) ?? keys[0])?.id;
  }

  choose(key: string): void {
    this.#chosen = key;
  }
}
