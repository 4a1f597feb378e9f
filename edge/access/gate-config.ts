import { DoorAction } from '@dipper/contract/door-action';
import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Duration = Type.Integer({ minimum: 10, maximum: 3_600_000 });
const Token = Type.String({ minLength: 1, maxLength: 64 });

/** What an input besides the contact is wired to. */
export const WIRED_ROLES = ['lock', 'entry-loop', 'arm-loop', 'exit-loop', 'fire', 'exit-button'] as const;

/** One digital input: `activeWhen` is its logical state when there is a vehicle, a fire, a press, a bolt that is shot. Default: true. */
export const GateInput = Type.Object(
  { role: Type.Enum(WIRED_ROLES), token: Token, activeWhen: Type.Optional(Type.Boolean()) },
  strict,
);
export type GateInput = Static<typeof GateInput>;

/** How a gate is driven and what it is wired to: the same keys in `edge.yaml`. */
export const gateControlKeys = {
  /** A barrier has an arm that can come down on somebody. Default: barrier. */
  kind: Type.Optional(Type.Enum(['barrier', 'door'])),
  /** `relay`: a relay output and digital inputs. `door`: ONVIF door control (Profile C). Default: relay. */
  driver: Type.Optional(Type.Enum(['relay', 'door'])),
  /** What may be commanded. Default: whatever this configuration can do. */
  actions: Type.Optional(Type.Array(DoorAction, { maxItems: 6, uniqueItems: true })),
  /** The relay that opens the gate. Default: the controller's only one. */
  relayToken: Type.Optional(Token),
  relay: Type.Optional(
    Type.Object(
      {
        /** Where the relay answers for real. Default: found out by what moves it. */
        service: Type.Optional(Type.Enum(['deviceio', 'device'])),
        /** `monostable` falls back by itself. Default: monostable. Held against what the controller says of it. */
        mode: Type.Optional(Type.Enum(['monostable', 'bistable'])),
        /** Whether its contact is open or closed at rest. Held against what the controller says of it. */
        idle: Type.Optional(Type.Enum(['open', 'closed'])),
        /**
         * What its contact drives: the lock's own current, whose rest has to agree with `failMode`, or an input of a board
         * that may want either. Default: a door's lock, a barrier's board.
         */
        drives: Type.Optional(Type.Enum(['lock', 'board'])),
      },
      strict,
    ),
  ),
  /** A monostable relay of its own that brings a barrier's arm down. */
  closeRelayToken: Type.Optional(Token),
  /** Of `driver: door`: which door of the controller, its only one by default, and how long one access lasts. */
  door: Type.Optional(
    Type.Object(
      { token: Type.Optional(Token), accessTimeSec: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 })) },
      strict,
    ),
  ),
  /** The input that tells whether the gate is open. Default: the controller's only one. */
  contactToken: Type.Optional(Token),
  /** The contact's logical state when the gate is open. Default: true. */
  contactOpenWhen: Type.Optional(Type.Boolean()),
  inputs: Type.Optional(Type.Array(GateInput, { maxItems: 16 })),
  /**
   * What the gate's own wires do, declared by whoever wired it: Dipper is no part of it and cannot stand in for it. A door
   * has no `antiCrush`.
   */
  safety: Type.Optional(
    Type.Object(
      {
        antiCrush: Type.Optional(Type.Literal('hardwired')),
        fireRelease: Type.Literal('hardwired'),
        clearanceMaxAgeMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
      },
      strict,
    ),
  ),
  /** How long after it has opened a gate with a bistable or a closing relay is closed. A barrier: never, by default. */
  closeAfterMs: Type.Optional(Type.Integer({ minimum: 500, maximum: 600_000 })),
  /** Open for longer than this, without having been told to stay open: held open. */
  heldOpenAfterMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 3_600_000 })),
  /** See DEFAULT_FORCED_WINDOW_MS. */
  forcedWindowMs: Type.Optional(Duration),
};

/**
 * On loss of power: everybody gets out (fail-safe), or nobody gets in (fail-secure). How the lock is built; what it decides
 * here stands in fail-mode.ts.
 */
export const FailMode = Type.Enum(['fail-safe', 'fail-secure']);

/** A gate as it is configured; what is left out has the default named at the key. */
export const GateConfig = Type.Object(
  {
    device: Slug,
    place: Type.Optional(Slug),
    ...gateControlKeys,
    failMode: Type.Optional(FailMode),
    /** ONVIF device service of the gate's controller, without credentials. */
    url: Type.String({ pattern: '^https?://[^\\s@]+$', maxLength: 512 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    password: Type.Optional(Type.String({ maxLength: 256 })),
    /** Hosts that addresses in replies may lead to besides that of `url`. Default: none. */
    allowedHosts: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 8 })),
    /** One request to the controller, start to end. Default 5000. */
    timeoutMs: Type.Optional(Duration),
    /** How long one pull waits at the controller for news. Default 5000. */
    pullMs: Type.Optional(Duration),
    /** How long a gate that answered before may be silent until it counts as unreachable. Default 10000. */
    offlineAfterMs: Type.Optional(Duration),
  },
  strict,
);
export type GateConfig = Static<typeof GateConfig>;

/**
 * A contact that opens more than this after the relay was last active was opened by force. A barrier's arm leaves its
 * rest within one or two seconds of the pulse; the rest of the ten is for slow controllers and networks. Ours, by
 * reasoning: no standard gives a figure.
 */
export const DEFAULT_FORCED_WINDOW_MS = 10_000;
/**
 * How long an opening without the relay waits to be called forced: controllers tell of relay and contact in two replies,
 * in either order. They put both into their queues within milliseconds, and we ask again 200 ms after a reply at the latest;
 * the rest of the second is for slow networks. Ours, by reasoning: no standard gives a figure.
 */
export const FORCED_GRACE_MS = 1_000;
export const DEFAULT_TIMEOUT_MS = 5_000;
export const DEFAULT_PULL_MS = 5_000;
export const DEFAULT_OFFLINE_AFTER_MS = 10_000;
/** A report of the sensor under the arm is good for so long. Before it closes a gate Dipper asks for a new one. Ours, by reasoning. */
export const DEFAULT_CLEARANCE_MAX_AGE_MS = 2_000;
/** A door of a bistable relay stays unlocked for so long; a person pushes it open within. */
export const DEFAULT_DOOR_CLOSE_AFTER_MS = 5_000;
/** Two minutes let a removal lorry through, and a gate propped open is told soon enough. Ours, by reasoning. */
export const DEFAULT_HELD_OPEN_AFTER_MS = 120_000;
