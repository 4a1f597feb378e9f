import type { Incoming, Refusal } from './incoming.ts';

/**
 * Bytes of batches held while the database is slow or down: the windows (eight batches) of some hundred edges at once,
 * batches as full as they come in practice. What does not fit is sent again by its edge: that is its duty.
 */
export const MAX_BATCH_BYTES_HELD = 128 * 1024 * 1024;
/** Topics whose latest state is held; a subdistrict has thousands of devices, not tens of thousands. */
const MAX_STATES = 20_000;
/** A state is some hundred bytes; this is room for a kilobyte and a half of each. */
export const MAX_STATE_BYTES_HELD = 32 * 1024 * 1024;
const MAX_REFUSALS = 10_000;

export interface Inbox {
  /**
   * Whether there was room.
   * @param isBacklog it tells of what happened a while ago, and may wait for what happens now
   */
  addBatch(message: Incoming, isBacklog?: boolean): boolean;
  /** Replaces what was held of the same topic: only the latest state counts. */
  addState(message: Incoming): boolean;
  addRefusal(refusal: Refusal): boolean;
  /**
   * Batches in the order in which they came, up to so many bytes, one at least. Live ones are never taken together with
   * a backlog, whose bytes they would have to wait for; while there are both, they take turns.
   */
  takeBatches(max: { readonly liveBytes: number; readonly backlogBytes: number }): Incoming[];
  takeStates(): Incoming[];
  takeRefusals(): Refusal[];
  readonly batches: number;
  /** Resolves as soon as something is held, or the signal aborts. */
  whenFilled(signal: AbortSignal): Promise<void>;
}

/** Holds messages between the broker, which is acknowledged at once, and the database. */
export function createInbox(): Inbox {
  const live: Incoming[] = [];
  const backlog: Incoming[] = [];
  let wasLive = false;
  const states = new Map<string, Incoming>();
  let refusals: Refusal[] = [];
  let heldBytes = 0;
  let heldStateBytes = 0;
  let wake = (): void => undefined;
  const isFilled = (): boolean => live.length + backlog.length > 0 || states.size > 0 || refusals.length > 0;

  return {
    addBatch(message, isBacklog = false) {
      const bytes = message.payload.byteLength;
      if (heldBytes + bytes > MAX_BATCH_BYTES_HELD) return false;
      (isBacklog ? backlog : live).push(message);
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
    takeBatches({ liveBytes, backlogBytes }) {
      wasLive = live.length > 0 && !(wasLive && backlog.length > 0);
      const [queue, maxBytes] = wasLive ? [live, liveBytes] : [backlog, backlogBytes];
      let bytes = 0;
      const end = queue.findIndex(({ payload }, index) => {
        bytes += payload.byteLength;
        return index > 0 && bytes > maxBytes;
      });
      const taken = queue.splice(0, end === -1 ? queue.length : end);
      for (const { payload } of taken) heldBytes -= payload.byteLength;
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
      return live.length + backlog.length;
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
