import { commands, events, Failure } from '$lib/api/client';
import type { ApprovalRequestView, DecisionView } from '$lib/api/client';
import { sentence } from '$lib/api/errors';
import { dialogs } from '$lib/components/dialogs.svelte';
import { toasts } from '$lib/components/toasts.svelte';
import { ANSWERED } from './approval-words';
import ApprovalDialog from './ApprovalDialog.svelte';

/** Shows the questions of programs, one at a time, the oldest first. */
class Approvals {
  /** How many more wait behind the one that is shown. */
  waiting = $state(0);
  #shown: string | null = null;
  #close: (() => void) | null = null;
  #asked = 0;

  /** Begins to listen; answers with what ends it. */
  start(): () => void {
    const heard = events.approvalsChanged(() => void this.load());
    void this.load();
    return () => {
      void heard.then((stop) => stop());
      this.#hide();
    };
  }

  /** Asks which questions are open, and shows the first. */
  async load(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    let requests: readonly ApprovalRequestView[] = [];
    try {
      requests = await commands.approvalRequests();
    } catch {
      // A locked vault has no questions; other trouble is told by loading the rest.
    }
    if (asked !== this.#asked) return;
    const first = requests[0];
    this.waiting = Math.max(0, requests.length - 1);
    if (first?.id === this.#shown) return;
    this.#hide();
    if (!first) return;
    this.#shown = first.id;
    this.#close = dialogs.show(ApprovalDialog, {
      request: first,
      answer: (decision: DecisionView) => this.#answer(first, decision),
    });
  }

  async #answer(request: ApprovalRequestView, decision: DecisionView): Promise<void> {
    const program = request.program?.name ?? 'The program';
    try {
      await commands.answerApproval(request.id, decision);
      toasts.say(`${program} ${ANSWERED[decision]}: ${request.profile_name}.`);
    } catch (thrown) {
      const { problem } = Failure.from(thrown);
      // It had its answer already: the time was up.
      if (problem.code === 'no-such-item') toasts.say('The time to answer was up, which counts as a no.');
      else toasts.fail(sentence(problem));
    }
    await this.load();
  }

  #hide(): void {
    this.#close?.();
    this.#close = null;
    this.#shown = null;
  }
}

export const approvals = new Approvals();
