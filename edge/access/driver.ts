import type { DoorAction, GateHold, LockState } from '@dipper/contract/door-action';
import type { Notification } from './notification.ts';

/** Why a gate did not do as it was told. The words for people are those of the contract's error codes. */
export const DOOR_REFUSALS = [
  /** Sent, perhaps answered "ok", and the gate was not seen to do it before the deadline. */
  'GATE_COMMAND_UNCONFIRMED',
  /** This gate cannot do that, or is not configured to. */
  'GATE_COMMAND_UNSUPPORTED',
  /** There is no such gate here. */
  'GATE_UNKNOWN',
  /** The controller does not answer, or tells nothing any more, so that nothing it does could be seen. */
  'GATE_UNREACHABLE',
  /** The controller answered and refused. */
  'GATE_COMMAND_REFUSED',
  /** Something is under the arm. */
  'GATE_NOT_CLEAR',
  /** The sensor under the arm has not told lately that nothing is there. */
  'GATE_CLEARANCE_STALE',
  /** The fire input is on: nothing is locked, blocked or closed while it is. */
  'GATE_FIRE_ALARM',
  /** It is locked, and stays so until it is released. */
  'GATE_LOCKED',
  /** More commands are waiting for this gate than it could carry out in time. */
  'GATE_BUSY',
  /** The caller gave it up, or the gate process ended. */
  'GATE_ABORTED',
] as const;
export type DoorRefusal = (typeof DOOR_REFUSALS)[number];

export type GatePosition = 'open' | 'closed' | 'moving' | 'unknown';

/** A gate as its sensors show it. */
export interface GateSight {
  readonly position: GatePosition;
  readonly relay: 'active' | 'inactive' | 'unknown';
  readonly contact: 'open' | 'closed' | 'unknown';
  /** Absent where nothing tells of a lock. */
  readonly lock?: LockState;
  /** Absent where a gate cannot be held in a state. */
  readonly hold?: GateHold;
}

export interface GateCapabilities {
  readonly kind: 'barrier' | 'door';
  /** What this gate does when told to; anything else is GATE_COMMAND_UNSUPPORTED. */
  readonly actions: readonly DoorAction[];
  /** Which of its sensors tell that a command was carried out. */
  readonly feedback: readonly ('contact' | 'lock' | 'relay' | 'mode')[];
  /** Whether Dipper lowers the arm by itself, after a passage. */
  readonly closesItself: boolean;
  /** Whether `passageSeen` comes when somebody has passed; without it an opening is all there is to see. */
  readonly seesPassage: boolean;
}

/**
 * What became of a command. `ok` only when the gate was seen to do it: an answer of the controller proves nothing.
 * The state is that at the end, with or without success.
 */
export type DoorOutcome = { readonly position: GatePosition; readonly lock?: LockState; readonly hold?: GateHold } & (
  | { readonly ok: true; readonly afterMs: number }
  | { readonly ok: false; readonly code: DoorRefusal; readonly message: string }
);

export interface CommandOptions {
  /** How long the gate may take, from now until it is seen to have done it, milliseconds. */
  readonly deadlineMs: number;
  /** Gives it up; what is on its way to the controller stays on its way. */
  readonly signal?: AbortSignal;
  /**
   * One id from request to passage: of the decision or of the hub's command. Events that follow carry it; `open` with
   * one is a grant for one vehicle.
   */
  readonly correlation?: string;
}

/** A request of a controller's reader that waits for an outside decision (ONVIF Access Control Service). */
export interface AskedAccess {
  /** The controller's own name of the access point. */
  readonly accessPoint: string;
  /** Its name of the credential, where it knows one. */
  readonly credential: string | undefined;
}

/**
 * One gate, whatever it is driven by; there for as long as it is configured, whether or not its controller answers.
 * Commands are carried out one at a time, in the order in which they came.
 */
export interface GateDriver {
  readonly device: string;
  readonly capabilities: GateCapabilities;
  readonly sight: GateSight;
  /** Whether the controller is followed, so that a command can be sent and seen. */
  readonly isFollowed: boolean;
  readonly isFire: boolean;
  /** Never rejects. */
  command(action: DoorAction, options: CommandOptions): Promise<DoorOutcome>;
  /**
   * Tells a reader of the gate's controller what became of its request: `true` only once the gate was seen to open, for the
   * controller may open it for that answer. Nothing where the reader does not wait. @throws GateError
   */
  answer?(asked: AskedAccess, isOpened: boolean): Promise<void>;
}

/** What a gate's inputs are wired to. */
export const INPUT_ROLES = ['contact', 'lock', 'entry-loop', 'arm-loop', 'exit-loop', 'fire', 'exit-button'] as const;
export type InputRole = (typeof INPUT_ROLES)[number];

/** Which way a vehicle went: `in` from the entry loop to the exit loop. Without both loops nobody knows. */
export type PassageDirection = 'in' | 'out' | 'unknown';

/** What whoever decides learns of a gate, beside what it commands. */
export interface GateObserver {
  /** The gate is seen in another position, lock or hold than before. */
  doorSeen(device: string, sight: GateSight, atMs: number): void;
  /** An input went on or off. Told for each change, not for what a new subscription repeats. */
  inputSeen(device: string, role: InputRole, isActive: boolean, atMs: number): void;
  /** The gate's controller told something, of the gate or of whatever else hangs on it: a reader, for one. */
  notificationSeen(device: string, notification: Notification): void;
  /** A vehicle has passed under the arm of a barrier with loops. */
  passageSeen(device: string, direction: PassageDirection, atMs: number, correlation: string | undefined): void;
}
