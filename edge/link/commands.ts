import { COMMAND_TYPE, type CommandAction, CommandClaims, MAX_COMMAND_LIFE_SEC } from '@dipper/contract/commands';
import { DipperError } from '@dipper/contract/errors';
import { Code, Uuid } from '@dipper/contract/identifiers';
import type { ReceivedPayloadOf } from '@dipper/contract/topics';
import { parsePayload } from '@dipper/contract/topics';
import { createValidator } from '@dipper/contract/validation';
import { decodeJwt } from 'jose';
import type { Logger } from 'pino';
import type { Challenges } from './challenges.ts';
import { CHALLENGE_PERIOD_MS } from './challenges.ts';
import type { Clock } from './clock.ts';
import type { Origin } from './event-body.ts';
import type { HubKeys } from './hub-keys.ts';
import type { HubTime } from './hub-time.ts';

type ActionNamed<N extends CommandAction['name']> = Extract<CommandAction, { name: N }>;
type Result = ReceivedPayloadOf<'results'>;

/**
 * What the agent can be asked to do. A handler resolves once the thing is under way (a live view has been accepted by
 * the hub), not when it ends, and rejects with a DipperError whose code becomes the answer.
 */
export type CommandHandlers = {
  readonly [N in CommandAction['name']]?: (action: ActionNamed<N>, command: CommandHead) => Promise<YieldOf<N>>;
};

/** Which command it is: what follows from it can name it. */
export type CommandHead = Pick<CommandClaims, 'id' | 'issuer'>;

type YieldingAction = `outbox.${string}` | 'gate.command' | 'access.forgive' | 'ptz.presets' | 'ptz.preset-set';
type YieldOf<N extends CommandAction['name']> = N extends YieldingAction ? CommandYield : undefined;

/** What a command brought about, for whoever asked. */
export type CommandYield = Pick<Result, 'events' | 'kept' | 'door' | 'forgotten' | 'presets' | 'preset'>;

/** A command that failed, and what was seen of it all the same. */
export class CommandFailedError extends Error {
  /** Becomes the answer's. */
  readonly code: string;
  readonly outcome: CommandYield;
  constructor(code: string, message: string, outcome: CommandYield) {
    super(message);
    this.name = 'CommandFailedError';
    this.code = code;
    this.outcome = outcome;
  }
}

export interface CommandDeskOptions {
  readonly origin: Origin;
  readonly keys: HubKeys;
  readonly challenges: Challenges;
  readonly hubTime: HubTime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly handlers: CommandHandlers;
  readonly answer: (result: Result) => void;
}

export interface CommandFigures {
  readonly carriedOut: number;
  /** By the code of the answer; nothing was done for any of these. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Reads the commands topic: verifies, carries out, answers. */
export interface CommandDesk {
  /** Resolves when the command has been answered. Never rejects for what a message says. */
  receive(payload: Uint8Array): Promise<void>;
  figures(): CommandFigures;
}

/** A handler that has said nothing by then is answered for; whoever waits has given up anyway. */
const HANDLER_PATIENCE_MS = 10_000;
/** What the two clocks may differ although the last exchange said they do not. */
const CLOCK_TOLERANCE_MS = 2_000;

const Claims = createValidator(CommandClaims);
const Id = createValidator(Uuid);
const AnyCode = createValidator(Code);
/** Of `ShortText`. */
const MAX_MESSAGE_LENGTH = 512;

export function createCommandDesk(options: CommandDeskOptions): CommandDesk {
  const { clock, log } = options;
  let carriedOut = 0;
  const refused: Record<string, number> = {};

  return {
    async receive(payload) {
      let id: string | undefined;
      let outcome: CommandYield = {};
      let refusal: { readonly code: string; readonly message: string } | undefined;
      try {
        const { command } = parsePayload('commands', payload);
        id = claimedId(command);
        const claims = await verify(command, options);
        outcome = (await withPatience(clock, carryOut(options.handlers, claims))) ?? outcome;
        carriedOut += 1;
        log.info({ command: claims.id, action: claims.action.name, issuer: claims.issuer }, 'command carried out');
      } catch (cause) {
        refusal = refusalFrom(cause);
        if (cause instanceof CommandFailedError) outcome = cause.outcome;
        refused[refusal.code] = (refused[refusal.code] ?? 0) + 1;
        log.warn({ command: id, code: refusal.code, err: cause }, 'command refused');
      }
      // Without an id there is nobody to answer.
      if (id === undefined) return;
      const at = new Date(clock.nowMs()).toISOString();
      options.answer({ command: id, ok: refusal === undefined, ...refusal, ...outcome, at });
    },
    figures: () => ({ carriedOut, refused: { ...refused } }),
  };
}

/** What the command calls itself, good enough to answer a refusal: a hub whose key is not the pinned one learns why. */
function claimedId(jws: string): string | undefined {
  try {
    const { id } = decodeJwt(jws);
    return Id.is(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** What is thrown by parts of the edge carries a code of its own; what carries none is a fault of ours. */
function refusalFrom(cause: unknown): { code: string; message: string } {
  const hasCode = cause instanceof Error && 'code' in cause && AnyCode.is(cause.code);
  const { code, message } = hasCode ? (cause as Error & { code: string }) : new DipperError('INTERNAL');
  return { code, message: message.slice(0, MAX_MESSAGE_LENGTH) };
}

async function verify(jws: string, { origin, keys, challenges, hubTime }: CommandDeskOptions): Promise<CommandClaims> {
  const claims = Claims.parse(await keys.open(jws, COMMAND_TYPE));
  if (claims.estate !== origin.estate || claims.agent !== origin.agent) throw new DipperError('COMMAND_MISDIRECTED');
  if (!challenges.isGood(claims.challenge)) throw new DipperError('COMMAND_CHALLENGE_UNKNOWN');
  if (!isTimely(claims, hubTime)) throw new DipperError('COMMAND_EXPIRED');
  if (!challenges.useNonce(claims.challenge, claims.nonce)) throw new DipperError('COMMAND_REPLAYED');
  return claims;
}

/**
 * Whether the hub's clock stands within the command's life. That clock is known from receipts. Before the first one the
 * edge's own clock stands in for it, with the two minutes that the challenge vouches for; it can only refuse, never
 * let pass what the challenge does not.
 */
function isTimely({ notBefore, expiresAt }: CommandClaims, hubTime: HubTime): boolean {
  const fromMs = Date.parse(notBefore);
  const untilMs = Date.parse(expiresAt);
  if (!(untilMs > fromMs) || untilMs - fromMs > MAX_COMMAND_LIFE_SEC * 1_000) return false;
  const { atMs, uncertaintyMs, known } = hubTime.now();
  const toleranceMs = known ? Math.max(CLOCK_TOLERANCE_MS, uncertaintyMs) : 2 * CHALLENGE_PERIOD_MS;
  return atMs >= fromMs - toleranceMs && atMs <= untilMs + toleranceMs;
}

type AnyHandler = (action: CommandAction, command: CommandHead) => Promise<CommandYield | undefined>;

function carryOut(handlers: CommandHandlers, { id, issuer, action }: CommandClaims): Promise<CommandYield | undefined> {
  const handler = handlers[action.name] as AnyHandler | undefined;
  return handler === undefined
    ? Promise.reject(new DipperError('COMMAND_UNSUPPORTED'))
    : handler(action, { id, issuer });
}

async function withPatience<T>(clock: Clock, work: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(HANDLER_PATIENCE_MS, () => reject(new DipperError('COMMAND_TIMEOUT')));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel();
  }
}
