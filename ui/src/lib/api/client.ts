/**
 * The windows' one way to the backend, and the only module that imports the bindings and `@tauri-apps/*`.
 *
 * Every command of the bindings is here under its own name; it answers with its data and throws a {@link Failure}
 * that carries the backend's typed error. Tests and design in a browser put a fake in the backend's place with
 * {@link use}.
 */
import { commands as bound, events as boundEvents } from './bindings';
import type {
  ApprovalsChanged,
  Changed,
  ClipboardCleared,
  Dragging,
  Permitted,
  QuickShown,
  ShowItem,
  SignInMoved,
  UiError,
} from './bindings';

export type * from './bindings';

type Bound = typeof bound;
type Data<Result> = Result extends { status: 'ok'; data: infer T } ? T : never;

/** The commands, each answering with its data or throwing a {@link Failure}. */
export type Commands = {
  readonly [Name in keyof Bound]: (...args: Parameters<Bound[Name]>) => Promise<Data<Awaited<ReturnType<Bound[Name]>>>>;
};

/** What the backend says without being asked. Each call answers with the function that ends the listening. */
export interface Events {
  approvalsChanged(heard: (payload: ApprovalsChanged) => void): Promise<() => void>;
  changed(heard: (payload: Changed) => void): Promise<() => void>;
  clipboardCleared(heard: (payload: ClipboardCleared) => void): Promise<() => void>;
  dragging(heard: (payload: Dragging) => void): Promise<() => void>;
  permitted(heard: (payload: Permitted) => void): Promise<() => void>;
  quickShown(heard: (payload: QuickShown) => void): Promise<() => void>;
  showItem(heard: (payload: ShowItem) => void): Promise<() => void>;
  signInMoved(heard: (payload: SignInMoved) => void): Promise<() => void>;
}

/** A backend: the real one, or a fake. */
export interface Backend {
  readonly commands: Commands;
  readonly events: Events;
}

/** A command that failed, with the backend's typed error. Its words are in `errors.ts`. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly problem: UiError;

  constructor(problem: UiError) {
    super(problem.code);
    this.problem = problem;
  }

  /** Reads whatever was thrown; what is no failure of the backend is a program error. */
  static from(thrown: unknown): Failure {
    return thrown instanceof Failure ? thrown : new Failure({ code: 'internal' });
  }
}

type Answer = { status: 'ok'; data: unknown } | { status: 'error'; error: UiError };

function throwing(call: (...args: never[]) => Promise<Answer>): (...args: never[]) => Promise<unknown> {
  return async (...args) => {
    let answer: Answer;
    try {
      answer = await call(...args);
    } catch {
      throw new Failure({ code: 'internal' });
    }
    if (answer.status === 'ok') return answer.data;
    throw new Failure(isTyped(answer.error) ? answer.error : { code: 'internal' });
  };
}

/** Tauri itself refuses with a plain text, for instance when a command is not granted to the window. */
function isTyped(error: unknown): error is UiError {
  return typeof error === 'object' && error !== null && 'code' in error;
}

const real: Backend = {
  commands: Object.fromEntries(
    Object.entries(bound).map(([name, call]) => [name, throwing(call as (...args: never[]) => Promise<Answer>)]),
  ) as unknown as Commands,
  events: {
    approvalsChanged: (heard) => boundEvents.approvalsChanged.listen((event) => heard(event.payload)),
    changed: (heard) => boundEvents.changed.listen((event) => heard(event.payload)),
    clipboardCleared: (heard) => boundEvents.clipboardCleared.listen((event) => heard(event.payload)),
    dragging: (heard) => boundEvents.dragging.listen((event) => heard(event.payload)),
    permitted: (heard) => boundEvents.permitted.listen((event) => heard(event.payload)),
    quickShown: (heard) => boundEvents.quickShown.listen((event) => heard(event.payload)),
    showItem: (heard) => boundEvents.showItem.listen((event) => heard(event.payload)),
    signInMoved: (heard) => boundEvents.signInMoved.listen((event) => heard(event.payload)),
  },
};

let backend: Backend = real;

/** Puts another backend in the place of the present one. */
export function use(other: Backend): void {
  backend = other;
}

/** Whether the page runs inside the app rather than in a browser. */
export function inApp(): boolean {
  return '__TAURI_INTERNALS__' in globalThis;
}

/** The commands of the present backend. */
export const commands: Commands = new Proxy({} as Commands, {
  get: (_, name) => backend.commands[name as keyof Commands],
});

/** The events of the present backend. */
export const events: Events = {
  approvalsChanged: (heard) => backend.events.approvalsChanged(heard),
  changed: (heard) => backend.events.changed(heard),
  clipboardCleared: (heard) => backend.events.clipboardCleared(heard),
  dragging: (heard) => backend.events.dragging(heard),
  permitted: (heard) => backend.events.permitted(heard),
  quickShown: (heard) => backend.events.quickShown(heard),
  showItem: (heard) => backend.events.showItem(heard),
  signInMoved: (heard) => backend.events.signInMoved(heard),
};
