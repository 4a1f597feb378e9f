import { Slug } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false };
const Duration = Type.Integer({ minimum: 10, maximum: 3_600_000 });
const Token = Type.String({ minLength: 1, maxLength: 64 });

/** A gate as it is configured; what is left out has the default named at the key. */
export const GateConfig = Type.Object(
  {
    device: Slug,
    place: Type.Optional(Slug),
    /** ONVIF device service of the gate's controller, without credentials. */
    url: Type.String({ pattern: '^https?://[^\\s@]+$', maxLength: 512 }),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    password: Type.Optional(Type.String({ maxLength: 256 })),
    /** Hosts that addresses in replies may lead to besides that of `url`. Default: none. */
    allowedHosts: Type.Optional(Type.Array(Type.String({ maxLength: 253 }), { maxItems: 8 })),
    /** The relay that opens the gate. Default: the controller's only one. */
    relayToken: Type.Optional(Token),
    /** The input that tells whether the gate is open. Default: the controller's only one. */
    contactToken: Type.Optional(Token),
    /** The contact's logical state when the gate is open. Default: true. */
    contactOpenWhen: Type.Optional(Type.Boolean()),
    /** See DEFAULT_FORCED_WINDOW_MS. */
    forcedWindowMs: Type.Optional(Duration),
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
