import { type Static, Type } from 'typebox';
import { Reason } from './api/reason.ts';
import { DoorAction } from './door-action.ts';
import { DoorSight } from './gate-command.ts';
import { HubKey } from './hub-key.ts';
import { Code, ShortText, Slug, Timestamp, Uuid } from './identifiers.ts';
import { MAX_PRESETS, PresetName, PresetToken, PtzPreset, PtzVelocity } from './ptz.ts';
import { CompactJws, SequenceRange } from './receipts.ts';

const strict = { additionalProperties: false };

/** `typ` in the protected header (RFC 8725 §3.11). */
export const COMMAND_TYPE = 'dipper-command+jws';

/** How long a command may be on its way; the edge refuses a longer life. */
export const MAX_COMMAND_LIFE_SEC = 30;

export const StreamName = Type.Enum(['main', 'sub']);
export type StreamName = Static<typeof StreamName>;

/** `any-browser`: what is not H.264 is sent as MPEG-1; without it, a stream is sent as it was filmed. */
export const LiveForm = Type.Enum(['any-browser']);
export type LiveForm = Static<typeof LiveForm>;

/** One time, unguessable, bound to one purpose in the hub that gave it out. */
const Ticket = Type.String({ pattern: '^[A-Za-z0-9_-]{32,86}$' });

/** WebSocket address of the hub copy that asks; it is trusted because the hub signed it. */
const UplinkUrl = Type.String({ pattern: '^wss?://', maxLength: 512 });

const Uplink = { uplinkUrl: UplinkUrl, ticket: Ticket };
const RecordedRange = { device: Slug, from: Timestamp, until: Timestamp };

/** As many as fit into a command of some ten kilobytes; whoever has more sends more commands. */
export const MAX_COMMAND_RANGES = 500;
const CommandRanges = Type.Array(SequenceRange, { minItems: 1, maxItems: MAX_COMMAND_RANGES });

/** Where the outbox has more holes than that its answer leaves `kept` out. */
export const MAX_KEPT_RANGES = 1_000;

export const CommandAction = Type.Union([
  Type.Object(
    { name: Type.Literal('live.start'), device: Slug, stream: StreamName, form: Type.Optional(LiveForm), ...Uplink },
    strict,
  ),
  Type.Object({ name: Type.Literal('media.send'), ref: Uuid, uplinkUrl: UplinkUrl, ticket: Ticket }, strict),
  /** Sends events again that the hub has receipted: those among these sequences that the outbox still keeps. */
  Type.Object({ name: Type.Literal('outbox.resend'), epoch: Uuid, ranges: CommandRanges }, strict),
  /** The same with all that was receipted since an instant, by the edge's clock: for a hub restored from a backup. */
  Type.Object({ name: Type.Literal('outbox.refill'), receiptedSince: Timestamp }, strict),
  /** Believes these keys of the hub from now on and no other; one of them is believed already. */
  Type.Object({ name: Type.Literal('hub-keys.set'), keys: Type.Array(HubKey, { minItems: 1, maxItems: 4 }) }, strict),
  /** What is recorded of a camera in [from, until): answered with one text frame of an uplink. */
  Type.Object({ name: Type.Literal('recording.list'), ...RecordedRange, ...Uplink }, strict),
  /** Plays from the group that shows an instant; see `uplink.ts`. */
  Type.Object({ name: Type.Literal('recording.play'), device: Slug, at: Timestamp, ...Uplink }, strict),
  /** Sends [from, until) as one MP4 file. */
  Type.Object({ name: Type.Literal('recording.export'), ...RecordedRange, ...Uplink }, strict),
  /** Nothing of [from, until) goes until the lock is over; the same id again changes it. */
  Type.Object(
    { name: Type.Literal('recording.lock'), id: Uuid, ...RecordedRange, expiresAt: Timestamp, reason: Reason },
    strict,
  ),
  /**
   * Watches the camera of an access point for some seconds and makes a template of the one person before it. Answered once it
   * watches; `face.enrolment` events tell how it goes. Refused unless the edge's policy names holder and consent.
   */
  Type.Object(
    {
      name: Type.Literal('face.enrol'),
      ...{ enrolment: Uuid, device: Slug, accessPoint: Slug, holder: Uuid, consent: Uuid },
    },
    strict,
  ),
  /** The consent has been withdrawn: `face.template-erased` follows, also where there was no template. */
  Type.Object({ name: Type.Literal('face.erase'), holder: Uuid, consent: Uuid }, strict),
  Type.Object({ name: Type.Literal('recording.unlock'), device: Slug, id: Uuid }, strict),
  /** The id of the command is the correlation of what follows at the gate. Answered with `door`. */
  Type.Object({ name: Type.Literal('gate.command'), device: Slug, action: DoorAction, reason: Reason }, strict),
  /** Forgets where a holder is, or who is in an area: the reset of anti-passback by hand. Answered with `forgotten`. */
  Type.Object(
    {
      name: Type.Literal('access.forgive'),
      whom: Type.Union([Type.Object({ holder: Uuid }, strict), Type.Object({ area: Slug }, strict)]),
      reason: Reason,
    },
    strict,
  ),
  /** Turns until `ptz.stop`, or until PTZ_HOLD_MS have passed without the same command again. */
  Type.Object({ name: Type.Literal('ptz.move'), device: Slug, velocity: PtzVelocity }, strict),
  Type.Object({ name: Type.Literal('ptz.stop'), device: Slug }, strict),
  /** Answered with `presets`. */
  Type.Object({ name: Type.Literal('ptz.presets'), device: Slug }, strict),
  Type.Object({ name: Type.Literal('ptz.preset-go'), device: Slug, preset: PresetToken }, strict),
  /** Remembers where the camera looks now; answered with `preset`. */
  Type.Object({ name: Type.Literal('ptz.preset-set'), device: Slug, label: PresetName }, strict),
  Type.Object({ name: Type.Literal('ptz.preset-remove'), device: Slug, preset: PresetToken }, strict),
  /** The camera's own still picture, over a `media` uplink under this reference. */
  Type.Object({ name: Type.Literal('snapshot.send'), device: Slug, ref: Uuid, ...Uplink }, strict),
]);
export type CommandAction = Static<typeof CommandAction>;

/** What a command's signature covers. */
export const CommandClaims = Type.Object(
  {
    id: Uuid,
    issuer: ShortText,
    estate: Slug,
    agent: Slug,
    nonce: Uuid,
    /** One of the challenges in the agent's latest status: proof of freshness that needs no clock. */
    challenge: Uuid,
    notBefore: Timestamp,
    expiresAt: Timestamp,
    action: CommandAction,
  },
  strict,
);
export type CommandClaims = Static<typeof CommandClaims>;

export const CommandMessage = Type.Object({ command: CompactJws }, strict);
export type CommandMessage = Static<typeof CommandMessage>;

/** Outcome of one command. */
export const ResultMessage = Type.Object(
  {
    command: Uuid,
    ok: Type.Boolean(),
    code: Type.Optional(Code),
    message: Type.Optional(ShortText),
    /** Of `outbox.resend` and `outbox.refill`: how many events will be sent again. */
    events: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Of `outbox.resend`: which of the sequences asked for. */
    kept: Type.Optional(Type.Array(SequenceRange, { maxItems: MAX_KEPT_RANGES })),
    /** Of `gate.command`, also of one that failed: how the gate was seen afterwards. */
    door: Type.Optional(DoorSight),
    /** Of `access.forgive`: of how many holders it was known where they are. */
    forgotten: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Of `ptz.presets`. */
    presets: Type.Optional(Type.Array(PtzPreset, { maxItems: MAX_PRESETS })),
    /** Of `ptz.preset-set`. */
    preset: Type.Optional(PresetToken),
    at: Timestamp,
  },
  strict,
);
export type ResultMessage = Static<typeof ResultMessage>;
