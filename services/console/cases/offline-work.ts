/** What was done without signal and has still to reach the hub. It carries its own key and time, so it counts once. */
export interface OfflineWork {
  /** The key that the hub knows it by. */
  readonly id: string;
  /** Whose it is: it is sent only while this account is signed in. */
  readonly account: string;
  readonly kind: 'report' | 'step';
  /** For whoever looks at what waits. */
  readonly title: string;
  readonly path: string;
  readonly body: unknown;
  /** The code with which the hub refused it: somebody has to look. */
  readonly refused?: string;
}

const KEY = 'dipper.offline';
const listeners = new Set<() => void>();
let known: readonly OfflineWork[] | undefined;

function read(): readonly OfflineWork[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? (value as OfflineWork[]) : [];
  } catch {
    return [];
  }
}

function write(work: readonly OfflineWork[]): void {
  known = work;
  // A full or forbidden storage is told by the exception: the caller must not call it kept.
  localStorage.setItem(KEY, JSON.stringify(work));
  for (const listener of listeners) listener();
}

/** Everything that waits, oldest first; the same list until it changes. */
export function listWork(): readonly OfflineWork[] {
  known ??= read();
  return known;
}

/** Keeps something until the hub has it. @throws DOMException when the browser cannot keep it */
export function storeWork(work: OfflineWork): void {
  write([...listWork().filter(({ id }) => id !== work.id), work]);
}

/** The hub has it, or whoever did it gives it up. */
export function dropWork(id: string): void {
  write(listWork().filter((work) => work.id !== id));
}

/** Calls back when the list has changed; returns what ends that. */
export function subscribeWork(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
