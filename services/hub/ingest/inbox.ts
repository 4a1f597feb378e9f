import type { Incoming, Refusal } from './incoming.ts';

/** Batches held while the database is slow or down. What does not fit is sent again by its edge: that is its duty. */
export const MAX_BATCHES = 128;
export const MAX_BATCH_BYTES_HELD = 32 * 1024 * 1024;
/** Topics whose latest state is held; a subdistrict has thousands of devices, not tens of thousands. */
const MAX_STATES = 20_000;
/** A state is some hundred bytes; this is room for a kilobyte and a half of each. */
export const MAX_STATE_BYTES_HELD = 32 * 1024 * 1024;
const MAX_REFUSALS = 10_000;

export interface Inbox {
  /** Whether there was room. */
  addBatch(message: Incoming): boolean;
  /** Replaces what was held of the same topic: only the latest state counts. */
  addState(message: Incoming): boolean;
  addRefusal(refusal: Refusal): boolean;
  /** Batches in the order in which they came, up to so many bytes, one at least. */
  takeBatches(maxBytes: number): Incoming[];
  takeStates(): Incoming[];
  takeRefusals(): Refusal[];
  readonly batches: number;
  /** Resolves as soon as something is held, or the signal aborts. */
  whenFilled(signal: AbortSignal): Promise<void>;
}

/** Holds messages between the broker, which is acknowledged at once, and the database. */
export function createInbox(): Inbox {
  const batches: Incoming[] = [];
  const states = new Map<string, Incoming>();
  let refusals: Refusal[] = [];
  let heldBytes = 0;
  let heldStateBytes = 0;
  let wake = (): void => undefined;
  const isFilled = (): boolean => batches.length > 0 || states.size > 0 || refusals.length > 0;

  return {
    addBatch(message) {
      const bytes = message.payload.byteLength;
      if (batches.length >= MAX_BATCHES || heldBytes + bytes > MAX_BATCH_BYTES_HELD) return false;
      batches.push(message);
      heldBytes += bytes;
      wake();
      return true;
    },
    addState(message) {
      const replaced = states.get(message.topic);
      const bytes = heldStateBytes - (replaced?.payload.byteLength ?? 0) + message.payload.byteLength;
      if ((replaced === undefined && states.size >= MAX_STATES) || bytes > MAX_STATE_BYTES_HELD) return false;
      states.delete(message.topic);
      states.set(message.topic, message);
      heldStateBytes = bytes;
      wake();
      return true;
    },
    addRefusal(refusal) {
      if (refusals.length >= MAX_REFUSALS) return false;
      refusals.push(refusal);
      wake();
      return true;
    },
    takeBatches(maxBytes) {
      const taken: Incoming[] = [];
      let bytes = 0;
      for (let next = batches[0]; next !== undefined; next = batches[0]) {
        bytes += next.payload.byteLength;
        if (taken.length > 0 && bytes > maxBytes) break;
        taken.push(next);
        batches.shift();
        heldBytes -= next.payload.byteLength;
      }
      return taken;
    },
    takeStates() {
      const taken = [...states.values()];
      states.clear();
      heldStateBytes = 0;
      return taken;
    },
    takeRefusals() {
      const taken = refusals;
      refusals = [];
      return taken;
    },
    get batches() {
      return batches.length;
    },
    whenFilled(signal) {
      if (isFilled() || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        wake = () => {
          wake = () => undefined;
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
