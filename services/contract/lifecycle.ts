/**
 * What a part tells the process that started it, over Node's IPC channel, while it prepares and once it is usable.
 * A part started by hand has no such channel and says the same in its log.
 */

/** The parts that the standalone supervisor starts, in the order in which they come up. */
export type PartName = 'database' | 'broker' | 'hub' | 'simulator' | 'edge';

export interface ProgressMessage {
  readonly type: 'progress';
  readonly part: PartName;
  /** One short English sentence without a full stop, fit for a terminal. */
  readonly message: string;
  /** 0..1 when the length of the work is known. */
  readonly fraction?: number;
}

export interface ReadyMessage {
  readonly type: 'ready';
  readonly part: PartName;
  /** Addresses that the part listens on, by name, e.g. `{ http: 'http://127.0.0.1:8080' }`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** A password made up at this very start, for the person at the terminal: shown once, never logged. */
  readonly firstPassword?: string;
}

/** Sent once before a part exits because it cannot work; the supervisor prints it and stops. */
export interface FailedMessage {
  readonly type: 'failed';
  readonly part: PartName;
  readonly code: string;
  /** What happened and what to do next. */
  readonly message: string;
}

export type LifecycleMessage = ProgressMessage | ReadyMessage | FailedMessage;

/** Tells the parent process, if there is one that listens; otherwise does nothing. */
export function tellParent(message: LifecycleMessage): void {
  if (process.send !== undefined && process.connected) process.send(message);
}
