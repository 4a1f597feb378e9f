import type { DoorAction } from '@dipper/contract/door-action';
import type { AskedAccess } from './driver.ts';
import type { GateLinesSeen } from './gate-memory.ts';
import type { GateSignal } from './gate-signal.ts';
import type { Notification } from './notification.ts';

export interface SendOptions {
  /** The gate's lines at this moment. */
  readonly lines: GateLinesSeen;
  /**
   * Asked immediately before each request that may bring the arm down or shut somebody in: what was true when the command
   * came may not be any more. @throws RefusedError
   */
  readonly assertAllowed: () => void;
  /** Whether anything of the gate has moved since the call began; waits for it a while. */
  readonly hasMoved: () => Promise<boolean>;
  readonly timeoutMs: number;
  /** Given up, or not connected any more: what is under way is cut off. */
  readonly signal: AbortSignal;
  /**
   * The gate is taken to have done it: no further request is begun. The one under way is left to end: what the gate seemed to
   * say may have been news of before, and whoever stands there has been promised a request.
   */
  readonly enough: AbortSignal;
}

export interface AnswerOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The controller's side of a gate for as long as one connection lasts: what its events mean, and how it is told. */
export interface GateControl {
  /** Actions that the controller itself cannot do, whatever the configuration says; with its reasons. */
  readonly missing: ReadonlyMap<DoorAction, string>;
  /** What a notification says about the gate; nothing when it is about something else. */
  signalsFrom(notification: Notification): GateSignal[];
  /** Whether a notification is news of the gate that only people understand: tampering, a fault, the device's own alarm. */
  isForPeople(notification: Notification): boolean;
  /** Sends what an action takes. @returns once the controller has answered, which proves nothing. @throws GateError */
  send(action: DoorAction, options: SendOptions): Promise<void>;
  /** Ends the waiting of a reader that asked; absent where none of the gate's readers does. @throws GateError */
  answer?(asked: AskedAccess, isGranted: boolean, options: AnswerOptions): Promise<void>;
}
