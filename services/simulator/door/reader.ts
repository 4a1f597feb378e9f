import { EventEmitter } from 'node:events';
import { type Static, Type } from 'typebox';

/** What somebody holds up, types in, or shows. */
export const Presented = Type.Object(
  {
    factor: Type.Enum(['card', 'pin', 'qr', 'plate']),
    value: Type.String({ minLength: 1, maxLength: 1_024 }),
  },
  { additionalProperties: false },
);
export type Presented = Static<typeof Presented>;

export type ReaderOutcome = 'granted' | 'denied' | 'timed-out';

export interface ReaderOptions {
  /** How long it waits for somebody else's decision. */
  readonly answerWithinMs: number;
  /** Lets whoever stands before it through. */
  readonly onGranted: () => void;
  readonly signal: AbortSignal;
}

/**
 * A reader before a door that decides nothing: it tells what was presented and waits for an outside decision (ONVIF Access
 * Control Service, external authorization). What is presented meanwhile takes the place of what it waits for.
 */
export class Reader {
  readonly events = new EventEmitter<{ requested: [Presented]; ended: [ReaderOutcome, Presented] }>();
  readonly #options: ReaderOptions;
  #waiting: { readonly presented: Presented; readonly timer: NodeJS.Timeout } | undefined;
  #last: ReaderOutcome | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => clearTimeout(this.#waiting?.timer));
  }

  get state(): { readonly isWaiting: boolean; readonly last: ReaderOutcome | undefined } {
    return { isWaiting: this.#waiting !== undefined, last: this.#last };
  }

  present(presented: Presented): void {
    clearTimeout(this.#waiting?.timer);
    this.#waiting = { presented, timer: setTimeout(() => this.#end('timed-out'), this.#options.answerWithinMs) };
    this.events.emit('requested', presented);
  }

  /** Takes a decision. @returns whether one was waited for */
  decide(isGranted: boolean): boolean {
    if (this.#waiting === undefined) return false;
    if (isGranted) this.#options.onGranted();
    this.#end(isGranted ? 'granted' : 'denied');
    return true;
  }

  #end(outcome: ReaderOutcome): void {
    const presented = this.#waiting?.presented;
    clearTimeout(this.#waiting?.timer);
    this.#waiting = undefined;
    this.#last = outcome;
    if (presented !== undefined) this.events.emit('ended', outcome, presented);
  }
}
